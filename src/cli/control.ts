import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { Health } from '../coordinator/health.ts';
import { controlSocket } from '../session/session-files.ts';

/** How long a background environment has to answer, in milliseconds. */
const answerTimeout = 35_000;

/** Answers questions about an environment on a socket in its private directory, until the process ends. */
export async function serveHealth(directory: string, health: () => Promise<Health>): Promise<void> {
  const server = createServer((_, response) => {
    const answer = async (): Promise<void> => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(await health()));
    };
    answer().catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(join(directory, controlSocket));
  await once(server, 'listening');
}

/** Whether there is a socket in this session directory: it comes a moment after the environment is ready. */
export function isListening(directory: string): boolean {
  return existsSync(join(directory, controlSocket));
}

/** Asks the environment in this session directory for its health. */
export async function askHealth(directory: string): Promise<Health> {
  const asked = request({ socketPath: join(directory, controlSocket), path: '/health', timeout: answerTimeout });
  asked.once('timeout', () => asked.destroy(new Error(`no answer within ${answerTimeout} ms`)));
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return (await json(response)) as Health;
}
