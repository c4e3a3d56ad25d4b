import { readFileSync } from 'node:fs';
import { test, expect } from 'vitest';
import { useOwnState } from '../../../../fixtures/harness/state.ts';
import { useLeaseServer, soon } from '../../../../fixtures/isolation/lease-server.ts';
import { dumpDatabase } from '../../../../fixtures/isolation/dump-database.ts';

const server = useLeaseServer(useOwnState());
const sql = readFileSync(new URL('../../../../fixtures/isolation/everything.sql', import.meta.url), 'utf8');
test('x', async () => {
  const { leases } = await server.use({ sql });
  const a = await leases.take({ name: 't' }, soon());
  const b = await leases.take({ name: 't' }, soon());
  let t0 = performance.now();
  const da = await dumpDatabase(server.details, a.details.database);
  console.log(performance.now() - t0);
  const db = await dumpDatabase(server.details, b.details.database);
  expect(db).toEqual(da);
  console.log(Object.entries(da).filter(([k]) => !k.startsWith('pg_')).map(([k, v]) => `${k}: ${v.slice(0, 150)}`).join('\n'));
  for (const q of ['SELECT 1', "INSERT INTO plain DEFAULT VALUES", "INSERT INTO kinds DEFAULT VALUES", 'UPDATE parted SET id=id', 'update toasted set big=big||1, note=1', 'delete from tree', 'DROP TABLE plain CASCADE']) {
    const t = await leases.take({ name: 't' }, soon());
    await t.pool.query(q);
    t0 = performance.now();
    console.log(q, await leases.giveBack(t), performance.now() - t0);
    const n = await leases.take({ name: 't' }, soon());
    expect(await dumpDatabase(server.details, n.details.database)).toEqual(da);
    await leases.giveBack(n);
  }
});
