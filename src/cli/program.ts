import { createRequire } from 'node:module';
import { Command, CommanderError, Option } from 'commander';
import { runtimeNames } from '../connection/runtime-name.ts';
import { MayflyError } from '../errors/mayfly-error.ts';
import type { LeaseFlags } from './commands/lease.ts';
import type { StatusFlags } from './commands/status.ts';
import type { SweepFlags } from './commands/sweep.ts';
import type { UpFlags } from './commands/up.ts';
import type { WaitFlags } from './commands/wait.ts';
import { reportError, usageExitCode } from './report-error.ts';
import type { StartFlags } from './start.ts';

interface JsonFlag {
  readonly json?: boolean;
}

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** Carries the command line out and gives the exit code. Whatever is thrown is reported here, and only here. */
export async function runProgram(parameters: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    demandDirectory();
    await program.parseAsync(parameters, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help has been printed: where it was not asked for, because the command was missing, that is still a failure.
      const isHelp = error.code === 'commander.help';
      return error.exitCode === 0 ? 0 : isHelp ? usageExitCode : reportError(usageError(error));
    }
    return reportError(error);
  }
}

/** Everything here begins where it was called, and Node's own words for a directory that is gone are none to go by. */
function demandDirectory(): void {
  try {
    process.cwd();
  } catch (cause) {
    throw new MayflyError('MAYFLY_USAGE', {
      message: 'The directory in which this was called has been removed.',
      remedy: 'Change to one that exists.',
      cause,
    });
  }
}

const runtime = (): Option => new Option('--runtime <name>', 'where servers run').choices(['auto', ...runtimeNames]);
const config = (): Option => new Option('--config <file>', 'the definition, instead of the nearest mayfly.config.ts');
const json = (): Option => new Option('--json', 'print JSON');
const showSecrets = (): Option => new Option('--show-secrets', 'print passwords as well');

function createProgram(end: (exitCode: number) => void): Command {
  const program = new Command('mayfly')
    .description('Gives every test run its own real Postgres and Redis, and takes everything away again.')
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    // The family of coded errors speaks for itself.
    .configureOutput({ outputError: () => {} });

  const define = (syntax: string, description: string, examples: readonly string[]): Command =>
    program
      .command(syntax)
      .description(description)
      .exitOverride()
      .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`);

  const signals = 'A signal gives the command 10 seconds to end in order; a second one ends everything at once.';
  define('run <command...>', `Run a command with servers of its own, and take them away when it ends. ${signals}`, [
    'mayfly run -- npm test',
    'mayfly run --runtime embedded -- pytest -q',
    'mayfly run -- sh -c \'psql "$DATABASE_URL" -c "select 1"\'',
  ])
    .summary('Run a command with servers of its own, and take them away when it ends.')
    .passThroughOptions()
    .addOption(runtime())
    .addOption(config())
    .action(async (command: string[], options: StartFlags) =>
      end(await (await import('./commands/run.ts')).run(command, options)),
    );

  define(
    'lease <command...>',
    'Run a command with a database and a Redis of its own, from the environment that `mayfly run` or `mayfly up` started, ' +
      `and give them back when it ends. ${signals}`,
    ['mayfly lease -- ./checkout-test.sh', 'mayfly run -- sh -c \'for t in tests/*; do mayfly lease -- "$t"; done\''],
  )
    .summary('Run a command with a database and a Redis of its own, from the environment that runs.')
    .passThroughOptions()
    .option('--name <name>', 'what the lease is called in errors and reports, instead of the command')
    .action(async (command: string[], options: LeaseFlags) =>
      end(await (await import('./commands/lease.ts')).lease(command, options)),
    );

  const anew = 'Started already, it only prints; where a server has died since, all of it is started anew.';
  define('up', `Start servers in the background and print how to reach them. ${anew}`, [
    'mayfly up',
    'eval "$(mayfly up --export)"',
    'mayfly up --json',
  ])
    .summary('Start servers in the background and print how to reach them.')
    .addOption(runtime())
    .addOption(config())
    .addOption(json())
    .addOption(new Option('--export', 'print export lines for a shell').conflicts('json'))
    .action(async (options: UpFlags) => end(await (await import('./commands/up.ts')).up(options)));

  define('down', 'Take away what `mayfly up` started in this directory.', ['mayfly down'])
    .addOption(json())
    .action(async (options: JsonFlag) => end(await (await import('./commands/down.ts')).down(options)));

  define('status', 'Say what runs for this directory, and whether it is healthy.', [
    'mayfly status',
    'mayfly status --json --show-secrets',
  ])
    .addOption(json())
    .addOption(showSecrets())
    .action(async (options: StatusFlags) => end(await (await import('./commands/status.ts')).status(options)));

  define('wait <service>', 'Wait until a service of the running environment is healthy.', [
    'mayfly wait postgres',
    'mayfly wait redis --timeout 5000',
  ])
    .addOption(json())
    .option('--timeout <ms>', 'how long to wait at the most, in milliseconds', '60000')
    .action(async (service: string, options: WaitFlags) =>
      end(await (await import('./commands/wait.ts')).wait(service, options)),
    );

  define('doctor', 'Say for every runtime whether it can be used here, and if not, what to do.', [
    'mayfly doctor',
    'mayfly doctor --json',
  ])
    .addOption(json())
    .action(async (options: JsonFlag) => end(await (await import('./commands/doctor.ts')).doctor(options)));

  const sweeping = 'Take away what runs have left whose process was killed together with its reaper.';
  define('sweep', `${sweeping} Those that began less than a minute ago are left alone: a reaper may be at it.`, [
    'mayfly sweep',
    'mayfly sweep --dry-run --json',
    'mayfly sweep --cache',
  ])
    .summary(sweeping)
    .option('--dry-run', 'say what would be removed, and remove nothing')
    .option('--cache', 'drop programs and data directories as well that have not been used for long')
    .addOption(json())
    .action(async (options: SweepFlags) => end(await (await import('./commands/sweep.ts')).sweep(options)));

  // The process that `mayfly up` leaves in the background.
  program
    .command('serve', { hidden: true })
    .exitOverride()
    .addOption(runtime())
    .addOption(config())
    .action(async (options: StartFlags) => end(await (await import('./commands/serve.ts')).serve(options)));

  return program;
}

function usageError({ code, message }: CommanderError): MayflyError {
  const isRuntime = code === 'commander.invalidArgument' && message.includes('--runtime');
  return new MayflyError(isRuntime ? 'MAYFLY_RUNTIME_UNKNOWN' : 'MAYFLY_USAGE', {
    message: `${message.replace(/^error: /, '').replace(/\.$/, '')}.`,
    remedy: '`mayfly --help` lists the commands, and `mayfly COMMAND --help` their options.',
    phase: 'configure',
  });
}
