import type { WaitStrategy } from 'testcontainers';
import { shownLogLines } from '../server-failure.ts';
import { askDocker } from './ask-docker.ts';

/** The Docker client's handle on a container, as Testcontainers hands it out. */
export type Container = Parameters<WaitStrategy['waitUntilReady']>[0];

/** How long the daemon may take to show them, in milliseconds: they are an extra. */
const logTimeout = 2_000;

/** The last lines that a container printed, or none where the daemon does not say. */
export async function lastLogLines(
  container: Container,
  signal: AbortSignal,
  tail: number = shownLogLines,
): Promise<string[]> {
  try {
    const log = await askDocker({ what: 'show a log', signal, timeout: logTimeout }, () =>
      container.logs({ follow: false, stdout: true, stderr: true, tail }),
    );
    return demultiplex(log)
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

/**
 * Takes the frames of a log apart: each has a header of 8 bytes, the last four of which are its length (Docker Engine
 * API, "Attach to a container", stream format).
 */
function demultiplex(log: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= log.length;) {
    const end = at + 8 + log.readUInt32BE(at + 4);
    parts.push(log.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(parts).toString('utf8');
}
