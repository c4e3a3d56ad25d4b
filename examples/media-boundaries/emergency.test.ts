import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { expect, test } from 'vitest';

interface Evening {
  readonly directories: readonly string[];
  readonly site: string;
  readonly database: string;
}

// SIGTERM is heard, and everything is taken away in order; of SIGKILL no process hears, and the reaper does it.
test.for(['SIGTERM', 'SIGKILL'] as const)('%s takes the media server and all that it had', async (signal, context) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'evening.ts')], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  context.onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line', { signal: context.signal })) as [string];
  const { directories, site, database } = JSON.parse(line) as Evening;
  expect(await fetch(`${site}/health`)).toMatchObject({ status: 200 });
  expect(await answers(database)).toBe(true);

  child.kill(signal);

  // The directory of the run, with the record of what it owned, is the last that goes.
  await expect.poll(() => directories.filter(existsSync)).toEqual([]);
  expect(await answers(database)).toBe(false);
  await expect(fetch(`${site}/health`)).rejects.toThrow('fetch failed');
});

async function answers(database: string): Promise<boolean> {
  const client = new pg.Client(database);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}
