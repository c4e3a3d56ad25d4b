import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Command } from '../system/lifeline.ts';
import { identify } from '../system/process-identity.ts';
import { appendToManifest, readManifest } from './manifest.ts';
import { recordedOwnership } from './recorded-ownership.ts';
import { findSession, manifestFile, runningSessions } from './session-files.ts';
import { Session } from './session.ts';

const description = {
  runtime: 'embedded',
  details: { redis: { port: 1 } },
  variables: { REDIS_URL: 'redis://:secret@localhost:1' },
};

let state: string;

/** In place of the reaper: writes down that it was called. */
const reap = (directory: string): Command => ({
  executable: '/bin/sh',
  parameters: ['-c', 'echo "$1" > "$1.reaped"', 'sh', directory],
  environment: {},
});
const open = (): Session => Session.open(state, '/project', reap);

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'mayfly-session-'));
});

afterEach(() => {
  rmSync(state, { recursive: true });
});

describe('a session', () => {
  test('has a name and a directory of its own', () => {
    const sessions = [open(), open()];

    const ids = sessions.map(({ sessionId }) => sessionId);
    expect(new Set(ids).size).toBe(2);
    expect(ids).toEqual(ids.map(() => expect.stringMatching(/^[a-z0-9]+$/)));
    expect(sessions.map(({ directory }) => directory)).toEqual(ids.map((id) => join(state, 'sessions', id)));
  });

  test('writes down at once whose it is', () => {
    const { sessionId, directory } = open();

    expect(readManifest(join(directory, manifestFile))?.head).toMatchObject({
      id: sessionId,
      owner: { ...identify(process.pid), boot: expect.any(String), namespace: expect.stringMatching(/^pid:/) },
      project: '/project',
    });
  });

  test('keeps what it writes to itself', () => {
    const session = open();
    session.own('data', { kind: 'directory', path: '/data' });
    session.describe(description);

    const files = readdirSync(session.directory);
    expect(files.toSorted()).toEqual(['environment.json', manifestFile]);
    expect(files.map((file) => modeOf(join(session.directory, file)))).toEqual([0o600, 0o600]);
    expect(modeOf(session.directory)).toBe(0o700);
  });

  test('records what it owns before it is made, and a process with the time of its start', () => {
    const session = open();
    session.own('process', { kind: 'process', directory: '/data' });
    expect(owned(session)).toEqual({ process: { kind: 'process', directory: '/data' } });

    session.own('process', { kind: 'process', directory: '/data', pid: process.pid });
    session.own('containers', { kind: 'containers', label: 'a', value: 'b' });
    session.disown('containers');

    expect(owned(session)).toEqual({
      process: { kind: 'process', directory: '/data', process: identify(process.pid) },
    });
  });
});

describe('at its end', () => {
  test('a session that owns nothing any more goes with its directory', async () => {
    const session = open();
    session.describe(description);
    session.own('data', { kind: 'directory', path: '/data' });
    session.disown('data');

    await session.close();
    await session.close();

    expect(readdirSync(join(state, 'sessions'))).toEqual([]);
  });

  test('a session that still owns something leaves its record to the reaper', async () => {
    const session = open();
    session.own('data', { kind: 'directory', path: '/data' });

    await session.close();

    const reaped = `${session.directory}.reaped`;
    await vi.waitFor(() => expect(readFileSync(reaped, 'utf8')).toBe(`${session.directory}\n`));
    expect(existsSync(session.directory)).toBe(true);
    expect(owned(session)).toEqual({ data: { kind: 'directory', path: '/data' } });
  });
});

describe('another process of the session', () => {
  test('writes down beside the owner what it makes', () => {
    const session = open();
    const other = recordedOwnership(state, session.sessionId);

    other.own('data', { kind: 'directory', path: '/data' });
    expect(owned(session)).toEqual({ [`${process.pid}:data`]: { kind: 'directory', path: '/data' } });

    other.disown('data');
    expect(owned(session)).toEqual({});
  });

  test.for([
    ['the record has gone', 'MAYFLY_SESSION_UNSAFE', ({ directory }: Session) => rmSync(join(directory, manifestFile))],
    ['the session has ended', 'MAYFLY_ENVIRONMENT_STOPPED', (session: Session) => session.close()],
  ] as const)('can make nothing once %s, and makes no record anew', async ([, code, end]) => {
    const session = open();
    const other = recordedOwnership(state, session.sessionId);

    await end(session);

    expect(() => other.own('data', { kind: 'directory', path: '/data' })).toThrow(expect.objectContaining({ code }));
    other.disown('data');
    expect(existsSync(join(session.directory, manifestFile))).toBe(false);
  });
});

describe('others find a session', () => {
  test('while its owner runs, and how to reach its environment once that is ready', () => {
    const session = open();
    expect(findSession(state, session.sessionId)).toMatchObject({ description: undefined });

    session.describe(description);

    const found = {
      head: expect.objectContaining({ id: session.sessionId, project: '/project' }),
      directory: session.directory,
      description: { session: session.sessionId, ...description },
    };
    expect(findSession(state, session.sessionId)).toEqual(found);
    expect(runningSessions(state)).toEqual([found]);
  });

  test('no longer when its owner has gone without ending it', () => {
    const { sessionId, directory } = open();
    const file = join(directory, manifestFile);
    const head = readManifest(file)!.head;
    rmSync(file);
    appendToManifest(file, { ...head, owner: { pid: process.pid, startTime: '1' } });

    expect(findSession(state, sessionId)).toBeUndefined();
    expect(runningSessions(state)).toEqual([]);
  });

  test('no longer when it has ended, nor where there never was one', async () => {
    const session = open();
    await session.close();

    expect(findSession(state, session.sessionId)).toBeUndefined();
    expect(runningSessions(state)).toEqual([]);
    expect(runningSessions(join(state, 'nowhere'))).toEqual([]);
  });
});

function owned({ directory }: Session): unknown {
  return Object.fromEntries(readManifest(join(directory, manifestFile))?.resources ?? []);
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}
