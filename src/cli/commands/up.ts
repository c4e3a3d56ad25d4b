import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childEnv, readProcessEnv } from '../../config/process-env.ts';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { withDeadline } from '../../service/deadline.ts';
import { pollUntilReady } from '../../service/poll.ts';
import { assertAsAsked } from '../as-asked.ts';
import { Background, type ReadySession } from '../background.ts';
import { askState, isListening, type BackgroundState } from '../control.ts';
import { Interruption } from '../interruption.ts';
import { answer, say } from '../output.ts';
import { Progress } from '../progress.ts';
import type { StartFlags } from '../start.ts';
import { headline, summarise } from '../summary.ts';
import { takeDown } from '../take-down.ts';
import type { ServeFailure, ServeMessage } from './serve.ts';

/** How long is waited for an environment that somebody else is starting, in milliseconds. */
const othersTimeout = 180_000;

export interface UpFlags extends StartFlags {
  readonly json?: boolean;
  readonly export?: boolean;
}

/**
 * `mayfly up`: prints how to reach the environment of this project, started now or before. One that has lost a server is
 * taken away, and another started.
 */
export async function up(flags: UpFlags): Promise<number> {
  const background = await Background.open();
  let wanted: StartFlags = flags;
  for (let isFirst = true; ; isFirst = false) {
    const started = background.keeper === undefined ? await startInBackground(wanted) : 'by others';
    if (typeof started === 'number') {
      return started;
    }
    const session = await ready(background);
    const state = session && (await stateOf(session));
    if (session === undefined || state === undefined) {
      continue;
    }
    // Where they die again and again, that is for `mayfly status` to say.
    if (isFirst && started === 'by others' && state.deaths.length > 0) {
      await takeAwayDead(background, session, state);
      wanted = asBefore(state.flags, flags);
      continue;
    }
    await assertAsAsked(session, state, flags);
    if (started === 'by others') {
      say(headline(session.description.runtime));
    }
    print(session, flags);
    return 0;
  }
}

/** What the environment says of itself; `undefined` where it is just being taken away. */
async function stateOf({ directory }: ReadySession): Promise<BackgroundState | undefined> {
  try {
    return await askState(directory);
  } catch (error) {
    if (isListening(directory)) {
      throw error;
    }
    return undefined;
  }
}

/** What is not asked for is as it was. */
function asBefore(before: StartFlags, { runtime, config }: StartFlags): StartFlags {
  const former = readProcessEnv().runtime === undefined ? before.runtime : undefined;
  return { runtime: runtime ?? former, config: config ?? before.config };
}

async function takeAwayDead({ keeper }: Background, session: ReadySession, { deaths }: BackgroundState): Promise<void> {
  say(headline(`${deaths.join(' ')} The environment is taken away and started anew.`));
  const outcome = keeper && (await takeDown(keeper, session));
  if (outcome !== undefined && 'failure' in outcome) {
    say(outcome.failure);
  }
}

/**
 * Starts the process that keeps the environment and waits until it is ready, and says whether another was faster; gives
 * the exit code if a signal ended that.
 */
async function startInBackground({ runtime, config }: StartFlags): Promise<number | 'by us' | 'by others'> {
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
    return interruption.exitCode ?? (message.type === 'ready' ? 'by us' : 'by others');
  } finally {
    progress.done();
    if (keeper.connected) {
      keeper.disconnect();
    }
    keeper.unref();
  }
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
