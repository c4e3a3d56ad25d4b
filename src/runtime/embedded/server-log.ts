import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerEnd } from '../server-end.ts';
import { shownLogLines } from '../server-failure.ts';

/** Where a server of this name on this port prints to. */
export function logFileOf(directory: string, service: string, port: number): string {
  return join(directory, `${service}-${port}.log`);
}

/** The last lines that a server printed there, or none where they cannot be read. */
export async function lastLinesIn(logFile: string): Promise<string[]> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .slice(-shownLogLines);
}

/** Writes down beside its log how a server ended, in words: only the process that started it hears of that. */
export function recordEnd(logFile: string, how: string): void {
  try {
    // Only a new file: the server's user may write there, and could plant a link.
    writeFileSync(endFileOf(logFile), how, { flag: 'wx', mode: 0o600 });
  } catch {
    // It is for people; that it has ended can be seen without it.
  }
}

/** What there is to say about a server's process that has ended, whichever process asks. */
export async function endOfServer(logFile: string, pid: number): Promise<ServerEnd> {
  const how = await readFile(endFileOf(logFile), 'utf8').catch(() => `process ${pid} does not run any more`);
  return { how, output: await lastLinesIn(logFile) };
}

function endFileOf(logFile: string): string {
  return `${logFile}.end`;
}
