import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childEnv, readProcessEnv } from '../../config/process-env.ts';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { withDeadline } from '../../service/deadline.ts';
import { pollUntilReady } from '../../service/poll.ts';
import { Background, type ReadySession } from '../background.ts';
import { Interruption } from '../interruption.ts';
import { answer, say } from '../output.ts';
import { Progress } from '../progress.ts';
import type { StartFlags } from '../start.ts';
import { summarise } from '../summary.ts';
import type { ServeFailure, ServeMessage } from './serve.ts';

/** How long is waited for an environment that somebody else is starting, in milliseconds. */
const othersTimeout = 180_000;

export interface UpFlags extends StartFlags {
  readonly json?: boolean;
  readonly export?: boolean;
}

/** `mayfly up`: prints how to reach the environment of this project, started now or before. */
export async function up(flags: UpFlags): Promise<number> {
  const background = await Background.open();
  for (;;) {
    if (background.keeper === undefined) {
      const exitCode = await startInBackground(flags);
      if (exitCode !== undefined) {
        return exitCode;
      }
    }
    const session = await ready(background);
    if (session !== undefined) {
      print(session, flags);
      return 0;
    }
  }
}

/** Starts the process that keeps the environment and waits until it is ready; gives the exit code if a signal ended that. */
async function startInBackground({ runtime, config }: StartFlags): Promise<number | undefined> {
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const flags = [
    ...(runtime === undefined ? [] : ['--runtime', runtime]),
    ...(config === undefined ? [] : ['--config', config]),
  ];
  const keeper = spawn(process.execPath, [main, 'serve', ...flags], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    detached: true,
    env: childEnv({}),
  });
  using interruption = new Interruption();
  const end = (): void => void keeper.kill('SIGTERM');
  interruption.listen({ first: end, again: end });
  const progress = await Progress.create(readProcessEnv());
  try {
    const message = await lastWord(keeper, progress);
    if (message.type === 'failed' && interruption.exitCode === undefined) {
      throw new MayflyError(message.error.code, { ...message.error, phase: 'start' });
    }
  } finally {
    progress.done();
    if (keeper.connected) {
      keeper.disconnect();
    }
    keeper.unref();
  }
  return interruption.exitCode;
}

const endedEarly: ServeFailure = {
  code: 'MAYFLY_UP_FAILED',
  message: 'The process that was to keep the environment in the background ended before it was ready.',
  remedy: '`mayfly run` shows the same start in the foreground.',
};

/** Shows the keeper's progress until it is ready or has ended. */
async function lastWord(
  keeper: ChildProcess,
  progress: Progress,
): Promise<Exclude<ServeMessage, { type: 'progress' }>> {
  return new Promise((resolve) => {
    let last: Exclude<ServeMessage, { type: 'progress' }> = { type: 'failed', error: endedEarly };
    keeper.on('message', (message: ServeMessage) => {
      if (message.type === 'progress') {
        progress.show(message.event);
      } else {
        last = message;
      }
      if (message.type === 'ready') {
        resolve(message);
      }
    });
    // In every other case it ends, and is waited for: what it had started is gone then.
    keeper.once('exit', () => resolve(last));
  });
}

/** The environment as soon as it is ready: somebody else may be starting it. `undefined` when it was just taken away. */
async function ready(background: Background): Promise<ReadySession | undefined> {
  const deadline = { ms: othersTimeout, signal: new AbortController().signal, expired: () => background.notRunning() };
  return withDeadline(deadline, (signal) =>
    pollUntilReady(
      async () => {
        const { session, keeper } = background;
        if (session === undefined && keeper !== undefined) {
          throw background.notRunning();
        }
        return session;
      },
      { signal },
    ),
  );
}

function print({ description }: ReadySession, flags: UpFlags): void {
  if (flags.json) {
    const { session, runtime, details, variables } = description;
    answer(JSON.stringify({ session, runtime, details, variables }, undefined, 2));
  } else if (flags.export) {
    const lines = Object.entries(description.variables).map(([name, value]) => `export ${name}=${quote(value)}`);
    answer(lines.join('\n'));
  } else {
    summarise(description.details).forEach(say);
    const { DATABASE_URL, REDIS_URL } = description.variables;
    for (const [name, url] of Object.entries({ DATABASE_URL, REDIS_URL })) {
      if (url !== undefined) {
        answer(`${name}=${url}`);
      }
    }
  }
}

/** Quotes a value for any POSIX shell: inside single quotes only they themselves are special. */
function quote(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
