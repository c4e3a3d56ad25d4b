import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { createServer, request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { Health } from '../coordinator/health.ts';
import type { TeardownReport } from '../coordinator/teardown.ts';
import { MayflyError } from '../errors/mayfly-error.ts';
import { reasonOf } from '../errors/reason.ts';
import { controlSocket } from '../session/session-files.ts';
import type { StartFlags } from './start.ts';

/** How long a background environment has to answer, in milliseconds. */
const answerTimeout = 35_000;

/** The longest path that a socket's address holds, in bytes, on Linux and macOS (unix(7), `sun_path`). */
const longestPath = 103;

/** What a background environment can be asked. */
export interface Control {
  readonly health: () => Promise<Health>;
  readonly state: () => BackgroundState;
  readonly stop: () => Promise<StopOutcome>;
}

/** What is known of a background environment without asking its services. */
export interface BackgroundState {
  /** How each server ended that has died, in a sentence. */
  readonly deaths: readonly string[];
  /** The config file that it was started from; `null` where there was none. */
  readonly config: string | null;
  /** The options that it was started with. */
  readonly flags: StartFlags;
}

/** What became of an environment that was asked to stop. */
export type StopOutcome = { readonly report: TeardownReport } | { readonly failure: string };

/**
 * Answers questions about an environment on a socket in its private directory, until that is removed.
 *
 * @throws MayflyError `MAYFLY_SESSION_UNSAFE` where the directory's path is too long for a socket.
 */
export async function serveControl(directory: string, control: Control): Promise<void> {
  const path = join(directory, controlSocket);
  if (Buffer.byteLength(path) > longestPath) {
    throw new MayflyError('MAYFLY_SESSION_UNSAFE', {
      message: `The path ${path} is longer than the ${longestPath} bytes that a socket's address holds.`,
      remedy: 'Name a directory with a shorter path in MAYFLY_STATE_DIR.',
      phase: 'start',
    });
  }
  const server = createServer((question, response) => {
    answerTo(question.url, control).then(
      (answer) => response.end(JSON.stringify(answer)),
      (error: unknown) => response.destroy(error as Error),
    );
  });
  server.listen(path);
  await once(server, 'listening');
}

async function answerTo(path: string | undefined, control: Control): Promise<Health | BackgroundState | StopOutcome> {
  if (path === '/stop') {
    return control.stop();
  }
  return path === '/state' ? control.state() : control.health();
}

/** Answers nobody any longer who does not ask already: whoever comes now finds an environment that is going. */
export function closeControl(directory: string): void {
  rmSync(join(directory, controlSocket), { force: true });
}

/** Whether there is a socket in this session directory: it comes a moment after the environment is ready. */
export function isListening(directory: string): boolean {
  return existsSync(join(directory, controlSocket));
}

/** Asks the environment in this session directory for its health. */
export async function askHealth(directory: string): Promise<Health> {
  return (await ask(directory, '/health')) as Health;
}

/** Asks the environment in this session directory what became of it. */
export async function askState(directory: string): Promise<BackgroundState> {
  return (await ask(directory, '/state')) as BackgroundState;
}

/** Has the environment in this session directory taken away, and says how that went. */
export async function askToStop(directory: string): Promise<StopOutcome> {
  return (await ask(directory, '/stop')) as StopOutcome;
}

/** @throws MayflyError `MAYFLY_NOT_RUNNING`. */
async function ask(directory: string, path: string): Promise<unknown> {
  try {
    const asked = request({ socketPath: join(directory, controlSocket), path, timeout: answerTimeout });
    asked.once('timeout', () => asked.destroy(new Error(`no answer within ${answerTimeout} ms`)));
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return await json(response);
  } catch (error) {
    throw new MayflyError('MAYFLY_NOT_RUNNING', {
      message: `The environment in the background does not answer: ${reasonOf(error)}.`,
      remedy: '`mayfly down` ends it, and `mayfly up` starts another.',
      phase: 'run',
      cause: error,
    });
  }
}
