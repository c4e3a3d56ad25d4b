import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How long one process may take, in milliseconds. */
const timeout = 180_000;

/** How long it has to clean up after itself when it must end, in milliseconds. */
const grace = 15_000;

/** How a process is run. */
export interface ProcessOptions {
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Ends the process. */
  readonly signal?: AbortSignal | undefined;
}

/** What a process printed, and how long it ran, in milliseconds. */
export interface ProcessResult {
  readonly stdout: string;
  readonly duration: number;
}

/** Runs a process to its end, from its spawn to its exit. Throws what it printed on standard error where it failed. */
export async function runProcess(
  command: string,
  parameters: readonly string[],
  { cwd, env, signal }: ProcessOptions = {},
): Promise<ProcessResult> {
  signal?.throwIfAborted();
  const begun = performance.now();
  const child = spawn(command, parameters, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));

  let kill: NodeJS.Timeout | undefined;
  const end = (): void => {
    child.kill('SIGTERM');
    kill = setTimeout(() => child.kill('SIGKILL'), grace);
  };
  const timer = setTimeout(end, timeout);
  signal?.addEventListener('abort', end, { once: true });
  try {
    const closed = once(child, 'close');
    // A process that cannot be spawned says so to both waits.
    closed.catch(() => {});
    const [code, endedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    const duration = performance.now() - begun;
    await closed;
    signal?.throwIfAborted();
    if (code !== 0) {
      const how = endedBy === null ? `exit code ${code}` : `signal ${endedBy}`;
      throw new Error(`${[command, ...parameters].join(' ')}: ${how}\n${output.stderr.trim()}`);
    }
    return { stdout: output.stdout, duration };
  } finally {
    clearTimeout(timer);
    clearTimeout(kill);
    signal?.removeEventListener('abort', end);
  }
}
