import { chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isRoot } from '../../fixtures/harness/users.ts';
import { manifestVersion, type ManifestHead } from './manifest.ts';
import { ownOwner } from './owner.ts';
import { manifestFile } from './session-files.ts';
import { staleSessions } from './stale-sessions.ts';

const longAgo = '2020-01-01T00:00:00.000Z';
const nobody = { ...ownOwner(), startTime: '1' };

let state: string;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'mayfly-stale-'));
});

afterEach(() => {
  rmSync(state, { recursive: true });
});

test('a session is stale when its owner has gone, and it is not new', () => {
  leave('0000000000aa', { owner: nobody });

  expect(staleSessions(state)).toMatchObject([{ id: '0000000000aa', manifest: { head: { owner: nobody } } }]);
});

test('it is when the machine has been started again since, whoever has the number now', () => {
  leave('0000000000aa', { owner: { ...ownOwner(), boot: 'another' } });

  expect(staleSessions(state)).toHaveLength(1);
});

test.for([
  ['whose owner runs', { owner: ownOwner() }],
  ['that has just begun', { owner: nobody, createdAt: new Date().toISOString() }],
  ['of another machine, where nobody can tell', { owner: { ...nobody, installation: 'another', boot: 'another' } }],
  ['of another container, where nobody can tell', { owner: { ...nobody, namespace: 'pid:[1]' } }],
] as const)('it is not one %s', ([, head]) => {
  leave('0000000000aa', head);

  expect(staleSessions(state)).toEqual([]);
});

test('a session whose owner died before it had made anything is stale as well, but not at once', () => {
  for (const [id, text] of [
    ['0000000000aa', undefined],
    ['0000000000ab', ''],
    ['0000000000ac', '\n{"type":"ses'],
  ] as const) {
    write(id, text);
  }
  expect(staleSessions(state)).toEqual([]);

  expect(staleSessions(state, Date.now() + 61_000).map(({ id }) => id)).toEqual([
    '0000000000aa',
    '0000000000ab',
    '0000000000ac',
  ]);
});

test('what another version wrote, and what is not a session, is left alone', () => {
  write('0000000000aa', `${JSON.stringify({ ...headOf({ owner: nobody }), version: 99 })}\n`);
  write('somebody', undefined);

  expect(staleSessions(state, Date.now() + 61_000)).toEqual([]);
});

test('those come first that nobody has tried to take away for longest', () => {
  for (const [id, day] of [
    ['0000000000aa', 3],
    ['0000000000ab', 1],
    ['0000000000ac', 2],
  ] as const) {
    leave(id, { owner: nobody });
    utimesSync(join(state, 'sessions', id), day, day);
  }

  expect(staleSessions(state).map(({ id }) => id)).toEqual(['0000000000ab', '0000000000ac', '0000000000aa']);
});

test('a link in the place of a session is none', () => {
  leave('0000000000aa', { owner: nobody });
  const sessions = join(state, 'sessions');
  renameSync(join(sessions, '0000000000aa'), join(state, 'elsewhere'));
  symlinkSync(join(state, 'elsewhere'), join(sessions, '0000000000aa'));

  expect(staleSessions(state)).toEqual([]);
});

test.runIf(isRoot)('what somebody else has planted is none, and a whole directory of theirs is refused', () => {
  leave('0000000000aa', { owner: nobody });
  chownSync(join(state, 'sessions', '0000000000aa'), 65_534, 65_534);
  expect(staleSessions(state)).toEqual([]);

  chownSync(state, 65_534, 65_534);
  expect(() => staleSessions(state)).toThrow(expect.objectContaining({ code: 'MAYFLY_SESSION_UNSAFE' }));
});

test('where there is no state there are none', () => {
  expect(staleSessions(join(state, 'nowhere'))).toEqual([]);
});

function headOf(head: Partial<ManifestHead>): ManifestHead {
  const whole = { type: 'session', version: manifestVersion, id: 'a', owner: nobody, project: '/', createdAt: longAgo };
  return { ...whole, ...head } as ManifestHead;
}

function leave(id: string, head: Partial<ManifestHead>): void {
  write(id, `\n${JSON.stringify(headOf({ id, ...head }))}\n`);
}

function write(id: string, text: string | undefined): void {
  const directory = join(state, 'sessions', id);
  mkdirSync(directory, { recursive: true });
  if (text !== undefined) {
    writeFileSync(join(directory, manifestFile), text);
  }
  utimesSync(directory, new Date(), new Date());
}
