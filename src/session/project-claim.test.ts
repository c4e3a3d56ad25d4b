import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Running } from '../../fixtures/cli/running.ts';
import { ProjectClaim } from './project-claim.ts';

const takesClaims = join(import.meta.dirname, '../../fixtures/cli/takes-claims.ts');
const projects = Array.from({ length: 20 }, (_, number) => `/project/${number}`);

let state: string;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'mayfly-claims-'));
});

afterEach(() => {
  rmSync(state, { recursive: true });
});

test('a claim is held from its taking to its release, by one at a time', () => {
  const claim = new ProjectClaim(state, '/project');
  const other = new ProjectClaim(state, '/project');

  expect([claim.holder(), claim.take(), other.take()]).toEqual([undefined, true, false]);
  expect(other.holder()).toMatchObject({ pid: process.pid });
  claim.release();
  expect([other.holder(), other.take()]).toEqual([undefined, true]);
});

test('projects do not stand in the way of each other', () => {
  expect([new ProjectClaim(state, '/one').take(), new ProjectClaim(state, '/two').take()]).toEqual([true, true]);
});

test('of several processes that take it at the same moment one gets it, and so again after that was killed', async () => {
  const first = await takeAll(4);
  expect(first.taken.toSorted()).toEqual(projects.toSorted());
  await first.kill();

  const second = await takeAll(4);
  expect(second.taken.toSorted()).toEqual(projects.toSorted());
  await second.kill();

  expect(readdirSync(join(state, 'projects'))).toHaveLength(projects.length);
});

/** Has this many processes take every claim at once. They hold what they got until they are killed. */
async function takeAll(count: number): Promise<{ taken: string[]; kill: () => Promise<void> }> {
  const start = (): Running =>
    new Running(process.execPath, [takesClaims, state, ...projects], { cwd: state, env: process.env });
  const takers = Array.from({ length: count }, start);
  await Promise.all(takers.map((taker) => taker.printed(/waiting\n/)));
  takers.forEach((taker) => taker.type('now\n'));
  const lists = await Promise.all(takers.map((taker) => taker.printed(/\[.*\]/)));
  return {
    taken: lists.flatMap(([list]) => JSON.parse(list) as string[]),
    kill: async () => {
      takers.forEach((taker) => taker.kill('SIGKILL'));
      await Promise.all(takers.map(({ end }) => end));
    },
  };
}
