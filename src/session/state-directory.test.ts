import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { secureStateDirectory } from './state-directory.ts';

const isRoot = process.getuid?.() === 0;

let parent: string;
let directory: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'mayfly-state-'));
  directory = join(parent, 'state');
});

afterEach(() => {
  rmSync(parent, { recursive: true });
});

describe('the directory that holds the sessions', () => {
  test('is made, for us alone', () => {
    expect(secureStateDirectory(directory)).toBe(join(directory, 'sessions'));

    expect(modeOf(directory)).toBe(0o700);
    expect(modeOf(join(directory, 'sessions'))).toBe(0o700);
  });

  test('is made with those on the way to it', () => {
    expect(existsSync(secureStateDirectory(join(directory, 'a', 'ü b')))).toBe(true);
  });

  test('stays with what it holds', () => {
    mkdirSync(join(secureStateDirectory(directory), 'abc'));

    expect(readdirSync(secureStateDirectory(directory))).toEqual(['abc']);
  });

  test('is closed to others if it was open', () => {
    mkdirSync(join(directory, 'sessions'), { recursive: true });
    chmodSync(directory, 0o777);
    chmodSync(join(directory, 'sessions'), 0o755);

    secureStateDirectory(directory);

    expect(modeOf(directory)).toBe(0o700);
    expect(modeOf(join(directory, 'sessions'))).toBe(0o700);
  });
});

describe('what is refused, and left as it is', () => {
  test.each([
    {
      what: 'a link to a directory',
      plant: (path: string) => symlinkSync(mkdtempSync(join(parent, 'elsewhere-')), path),
      reason: 'it is not a directory',
    },
    { what: 'a link to nothing', plant: (path: string) => symlinkSync(join(parent, 'gone'), path), reason: /\S/ },
    { what: 'a file', plant: (path: string) => writeFileSync(path, ''), reason: /\S/ },
  ])('$what', ({ plant, reason }) => {
    plant(directory);
    const before = readdirSync(parent, { recursive: true });

    expect(() => secureStateDirectory(directory)).toThrow(
      expect.objectContaining({ code: 'MAYFLY_SESSION_UNSAFE', phase: 'start' }),
    );
    expect(() => secureStateDirectory(directory)).toThrow(reason);
    expect(() => secureStateDirectory(directory)).toThrow(/ Remove it, or name another in MAYFLY_STATE_DIR\.$/);
    expect(readdirSync(parent, { recursive: true })).toEqual(before);
  });

  test.for(['sessions', 'projects'])('a link in the place of its %s', (name) => {
    mkdirSync(directory, { mode: 0o777 });
    symlinkSync(mkdtempSync(join(parent, 'elsewhere-')), join(directory, name));

    expect(() => secureStateDirectory(directory)).toThrow('it is not a directory');
  });

  test.runIf(isRoot)("somebody else's directory", () => {
    mkdirSync(directory, { mode: 0o755 });
    chownSync(directory, 65_534, 65_534);

    expect(() => secureStateDirectory(directory)).toThrow('it belongs to the user with number 65534');
    expect(modeOf(directory)).toBe(0o755);
  });
});

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}
