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

  test('keeps its mode if the user has made it, and what is private lies within', () => {
    mkdirSync(join(directory, 'sessions'), { recursive: true });
    chmodSync(directory, 0o755);
    chmodSync(join(directory, 'sessions'), 0o755);

    secureStateDirectory(directory);

    expect(modeOf(directory)).toBe(0o755);
    expect([modeOf(join(directory, 'sessions')), modeOf(join(directory, 'projects'))]).toEqual([0o700, 0o700]);
  });

  test('may be one that others write to, where nobody can take away what is not theirs', () => {
    mkdirSync(directory);
    chmodSync(directory, 0o1777);

    expect(modeOf(secureStateDirectory(directory))).toBe(0o700);
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

  test.for(['', 'sessions'])('a directory that others may write to: "%s"', (name) => {
    mkdirSync(join(directory, 'sessions'), { recursive: true });
    chmodSync(join(directory, name), 0o775);

    expect(() => secureStateDirectory(directory)).toThrow('others may write to it');
    expect(modeOf(join(directory, name))).toBe(0o775);
  });

  test.runIf(process.platform === 'linux').for(['/proc', '/proc/no/such'])('%s, where nothing can be made', (path) => {
    const before = modeOf('/proc');

    expect(() => secureStateDirectory(path)).toThrow(expect.objectContaining({ code: 'MAYFLY_SESSION_UNSAFE' }));
    expect(modeOf('/proc')).toBe(before);
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
