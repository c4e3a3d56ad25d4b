import { spawn, type SpawnOptions } from 'node:child_process';
import { reasonOf } from '../../errors/reason.ts';
import type { ServerUser } from './server-user.ts';

/** How a command ended. Not being able to run it and running out of time are answers, not exceptions. */
export type CommandOutcome =
  | { readonly ending: 'exited'; readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }
  | { readonly ending: 'late'; readonly stderr: string }
  | { readonly ending: 'unrunnable'; readonly reason: string; readonly errno: string | undefined };

/** How to run a command. */
export interface CommandOptions {
  readonly signal: AbortSignal;
  /** Milliseconds after which the command and everything that it started are killed. */
  readonly deadline: number;
  /** The whole environment of the command; that of this process when left out. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whose process it is to be; ours when left out. */
  readonly user?: ServerUser | undefined;
}

// Far more than any command here prints when all is well; what babbles on cannot fill the memory.
const longestOutput = 1_000_000;

/**
 * Runs a program without a shell and without standard input. Throws the signal's own reason when it is aborted, after
 * the command has ended.
 */
export async function runCommand(
  executable: string,
  args: readonly string[],
  { signal, deadline, environment, user }: CommandOptions,
): Promise<CommandOutcome> {
  signal.throwIfAborted();
  const late = AbortSignal.timeout(deadline);
  // From the root directory, because another user may not be able to enter ours.
  const options = { ...(environment && { env: environment }), ...user, cwd: '/' };
  const outcome = await runUntil(AbortSignal.any([signal, late]), executable, args, options);
  signal.throwIfAborted();
  return outcome.ending === 'exited' && outcome.exitCode === null && late.aborted
    ? { ending: 'late', stderr: outcome.stderr }
    : outcome;
}

async function runUntil(
  end: AbortSignal,
  executable: string,
  args: readonly string[],
  options: SpawnOptions,
): Promise<CommandOutcome> {
  const { promise, resolve } = Promise.withResolvers<CommandOutcome>();
  const unrunnable = (error: unknown): void =>
    resolve({ ending: 'unrunnable', reason: reasonOf(error), errno: (error as NodeJS.ErrnoException).code });
  try {
    const child = spawn(executable, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that what it starts (apt-get its transports) can be ended with it.
      detached: true,
    });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const onEnd = (): void => {
      killGroup(child.pid);
      // Otherwise 'close' waits for whoever else still holds the pipes.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    end.addEventListener('abort', onEnd, { once: true });
    child.once('error', unrunnable);
    child.once('close', (exitCode) => {
      end.removeEventListener('abort', onEnd);
      resolve({ ending: 'exited', exitCode, stdout: stdout(), stderr: stderr() });
    });
  } catch (error) {
    // Node.js throws some failures instead of emitting them, such as ENOEXEC.
    unrunnable(error);
  }
  return promise;
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text = (text + chunk).slice(-longestOutput);
  });
  return () => text;
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) {
    return;
  }
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
