import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendToManifest, manifestVersion, readManifest, type ManifestHead, type ManifestLine } from './manifest.ts';

const head: ManifestHead = {
  type: 'session',
  version: manifestVersion,
  id: 'abc123',
  owner: { pid: 4_711, startTime: '815' },
  project: "/home/прое кт 'ü'",
  createdAt: '2026-01-02T03:04:05.678Z',
};
const owner = { pid: 4_712, startTime: '816' };
const operations: readonly ManifestLine[] = [
  { type: 'own', key: 'data', resource: { kind: 'directory', path: '/dev/shm/mayfly ü' } },
  { type: 'own', key: 'process:postgres', resource: { kind: 'process', directory: '/dev/shm/mayfly ü' } },
  {
    type: 'own',
    key: 'process:postgres',
    resource: { kind: 'process', directory: '/dev/shm/mayfly ü', process: owner },
  },
  { type: 'own', key: 'containers', resource: { kind: 'containers', label: 'dev.mayfly.session', value: 'abc123' } },
  { type: 'disown', key: 'containers' },
  {
    type: 'own',
    key: 'database',
    resource: { kind: 'database', url: 'postgres://localhost', name: 'mayfly_abc123' },
  },
  { type: 'disown', key: 'process:postgres' },
];

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mayfly-manifest-'));
  file = join(directory, 'manifest.jsonl');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('a manifest', () => {
  test('is read as it was written', () => {
    write([head, ...operations]);

    expect(readManifest(file)?.head).toEqual(head);
    expect(Object.fromEntries(readManifest(file)?.resources ?? [])).toEqual({
      data: { kind: 'directory', path: '/dev/shm/mayfly ü' },
      database: { kind: 'database', url: 'postgres://localhost', name: 'mayfly_abc123' },
    });
  });

  test('that ends at any byte is read as one that ends before some operation', () => {
    const lines = [head, ...operations];
    const whole = write(lines);
    // A line counts from its last brace on: its line break is not needed.
    const ends = lines.map((_, index) => byteLength(lines.slice(0, index + 1)) - 1);

    for (let length = whole.length; length >= 0; length -= 1) {
      truncateSync(file, length);
      const manifest = readManifest(file);
      const written = ends.filter((end) => end <= length).length;
      const state = manifest && [manifest.head, ...manifest.resources];
      expect(state, `cut at byte ${length}`).toEqual(
        written === 0 ? undefined : stateAfter(operations.slice(0, written - 1)),
      );
    }
  });

  test('is none where there is no file, no text, or none of ours', () => {
    expect(readManifest(file)).toBeUndefined();
    for (const text of ['', '\n\n', 'text', '{}\n', '[]\n', `${JSON.stringify({ ...head, version: 99 })}\n`]) {
      writeFileSync(file, text);
      expect(readManifest(file)).toBeUndefined();
    }
  });

  test('does without a line that it does not understand', () => {
    write([head]);
    appendFileSync(file, '{"type":"own","key":"planet","resource":{"kind":"planet"}}\n\u0000\u0000\n');
    write(operations);

    expect([...(readManifest(file)?.resources.keys() ?? [])]).toEqual(['data', 'database']);
  });

  test.for([0, -1, 1])('has no process with number %i, which would mean others', (pid) => {
    const resource = { kind: 'command', process: { pid }, isGroup: true } as const;
    write([head, { type: 'own', key: 'a', resource }]);

    expect(readManifest(file)?.resources.size).toBe(0);
  });

  test('is for its owner alone', () => {
    write([head]);

    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});

function write(lines: readonly ManifestLine[]): Buffer {
  lines.forEach((line) => appendToManifest(file, line));
  return readFileSync(file);
}

/** What the operations amount to, in the order in which it was made. */
function stateAfter(done: readonly ManifestLine[]): unknown[] {
  const resources = new Map<string, unknown>();
  for (const line of done) {
    if (line.type === 'own') {
      resources.set(line.key, line.resource);
    } else if (line.type === 'disown') {
      resources.delete(line.key);
    }
  }
  return [head, ...resources];
}

function byteLength(lines: readonly ManifestLine[]): number {
  return Buffer.byteLength(lines.map((line) => `\n${JSON.stringify(line)}\n`).join(''));
}
