import { globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askPostgres, askRedis } from '../../fixtures/harness/clients.ts';
import { dataHomes, expectNothingLeft } from '../../fixtures/harness/leftovers.ts';
import { listProcesses } from '../../fixtures/harness/processes.ts';
import { isMissing, localRuntimes } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import type { Environment } from './environment.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`passwords on ${runtime}`, () => {
    let environment: Environment;

    beforeAll(async () => {
      environment = await startEnvironment({}, { runtime });
    });

    afterAll(() => environment.stop());

    const passwords = (): string[] => [environment.details.postgres.password, environment.details.redis.password];

    test('are long, and different for every server of every run', async () => {
      await using other = await startEnvironment({ redis: false }, { runtime });
      const all = [...passwords(), other.details.postgres.password];

      expect(new Set(all).size).toBe(3);
      expect(all).toEqual(all.map(() => expect.stringMatching(/^[0-9a-f]{48}$/)));
    });

    test.for([
      ['a wrong one', 'guess'],
      ['an empty one', ''],
    ] as const)('%s is refused', async ([, password]) => {
      const { postgres, redis } = environment.details;

      await expect(askPostgres({ ...postgres, password }, 'SELECT 1')).rejects.toThrow(/password/);
      await expect(askRedis({ ...redis, password }, 'PING')).rejects.toThrow(/WRONGPASS|NOAUTH/);
    });

    test('stand in no process’s arguments', () => {
      // Redis overwrites its own; what it is started with is looked at in failed-start.test.ts.
      const commands = listProcesses().map(({ command }) => command);

      expect(commands.join()).toContain('postgres');
      expect(commands.filter((command) => passwords().some((password) => command.includes(password)))).toEqual([]);
    });

    test('stand in no log and in nothing that is told of progress', async () => {
      const told: string[] = [];
      const log = pino({ level: 'trace' }, { write: (line) => void told.push(line) });
      const onProgress = (event: unknown): void => void told.push(inspect(event, { depth: 10 }));
      const logged = await startEnvironment({}, { runtime, log, onProgress });
      const { postgres, redis } = logged.details;
      const lease = await logged.lease();
      const { postgres: database, redis: space } = lease;
      await lease.release();
      await logged.stop();

      const all = [postgres, redis, database, space].map(({ password }) => password);
      expect(new Set(all).size).toBe(4);
      expect(told.join('\n')).toContain('postgres');
      expect(told.filter((line) => all.some((password) => line.includes(password)))).toEqual([]);
    });

    test('stand in no file that others can read', () => {
      const holding = filesOf(environment).filter(({ text }) =>
        passwords().some((password) => text.includes(password)),
      );

      expect(holding.map(({ path }) => path)).toContain(join(environment.directory, 'environment.json'));
      expect(holding.filter(({ mode }) => (mode & 0o077) !== 0)).toEqual([]);
    });
  });
}

/** Every file in the session's directory and in those of its servers. */
function filesOf({ directory, session }: Environment): { path: string; mode: number; text: string }[] {
  const ofServers = dataHomes.flatMap((home) => globSync(`${home}/mayfly-${session}-*`));
  return [directory, ...ofServers]
    .flatMap((home) => readdirSync(home, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => ({ path, mode: statSync(path).mode, text: readFileSync(path, 'latin1') }));
}
