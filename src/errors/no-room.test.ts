import { expect, test } from 'vitest';
import { MayflyError } from './mayfly-error.ts';
import { noRoom, noRoomRemedy, saysNoRoom } from './no-room.ts';

const exited = new MayflyError('MAYFLY_SERVER_EXITED', {
  message: 'The server ended.',
  output: ['FATAL:  could not write lock file "postmaster.pid": No space left on device'],
  remedy: 'Mend it.',
});

test.each([
  Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
  Object.assign(new Error('EDQUOT: disk quota exceeded, write'), { code: 'EDQUOT' }),
  Object.assign(new Error('kein Platz'), { code: '53100' }),
  Object.assign(new Error('could not write to file "pg_wal/1": Disk quota exceeded'), { code: 'XX000' }),
  'FATAL:  could not write lock file "postmaster.pid": No space left on device',
  `Can't open the log file: Disc quota exceeded`,
  '# Failed opening it: Quota exceeded',
])('that there is no room is told by %s', (said) => {
  expect(saysNoRoom(said)).toBe(true);
});

test.each([
  Object.assign(new Error('relation "space" does not exist'), { code: '42P01' }),
  Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }),
  'STATEMENT:  SELECT $$No space left on device$$',
  'ERROR:  quota exceeded for tenant 7',
  // What it says has been said in our own words.
  exited,
  undefined,
  null,
])('%s tells of something else', (said) => {
  expect(saysNoRoom(said)).toBe(false);
});

test('the error tells what failed, and what to do', () => {
  const full = Object.assign(new Error('could not extend file "base/1/2"'), { code: '53100' });
  const error = noRoom({ service: 'postgres', phase: 'run', cause: full });

  expect(error).toMatchObject({ code: 'MAYFLY_DISK_UNUSABLE', service: 'postgres', phase: 'run', cause: full });
  expect(error.message).toBe(
    `There is no room left for the data of postgres: could not extend file "base/1/2". ${noRoomRemedy}`,
  );
});

test('of an error of ours it tells all but what to do, which is something else now', () => {
  const { message } = noRoom({ service: 'postgres', phase: 'start', cause: exited });

  expect(message).toBe(
    `There is no room left for the data of postgres. The server ended.\n  | FATAL:  could not write lock file "postmaster.pid": No space left on device\n${noRoomRemedy}`,
  );
});
