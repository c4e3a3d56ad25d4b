import { runCommand } from '../run-command.ts';
import { serverUser } from '../server-user.ts';
import type { RedisFlavour } from './redis-binary.ts';

/** What came of running a program with `--version`. */
export type Trial =
  | { readonly works: true; readonly flavour: RedisFlavour; readonly version: string }
  | { readonly works: false; readonly reason: string; readonly errno?: string | undefined };

// It takes some 5 ms; a machine that is busy with tests may take a thousand times as long.
const deadline = 5000;

// Both print "<name> server v=<version> sha=…" (server.c, version()).
const versionLine = /^(redis|valkey) server v=(\d+\.\d+\.\d+)/im;

/**
 * Runs a program with `--version` and tells whether it is a Redis or a Valkey that works here, and if not, why. It is run
 * as the server will be: by the same user, and with an environment in which there is nothing but `libraryPath`.
 */
export async function tryRedis(
  executable: string,
  libraryPath: string | undefined,
  signal: AbortSignal,
): Promise<Trial> {
  const environment: Record<string, string> = libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath };
  const user = serverUser();
  const outcome = await runCommand(executable, ['--version'], { signal, deadline, environment, user });
  if (outcome.ending === 'unrunnable') {
    const how = user === undefined ? 'run' : 'run by the user "nobody", as servers are';
    return { works: false, reason: `it cannot be ${how}: ${outcome.reason}`, errno: outcome.errno };
  }
  if (outcome.ending === 'late') {
    return { works: false, reason: `it did not answer --version within ${deadline} ms` };
  }
  const [, name, version] = versionLine.exec(outcome.stdout) ?? [];
  if (outcome.exitCode === 0 && name !== undefined && version !== undefined) {
    return { works: true, flavour: name.toLowerCase() as RedisFlavour, version };
  }
  return { works: false, reason: describeAnswer(outcome) };
}

function describeAnswer({
  exitCode,
  stdout,
  stderr,
}: {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}): string {
  const [line] = `${stderr}\n${stdout}`.trim().split('\n');
  const said = line === undefined || line === '' ? 'and printed nothing' : `and printed "${line.slice(0, 200)}"`;
  const ended = exitCode === null ? 'was ended by a signal' : `ended with exit code ${exitCode}`;
  return exitCode === 0 ? `it is neither Redis nor Valkey: it was asked for --version ${said}` : `it ${ended} ${said}`;
}
