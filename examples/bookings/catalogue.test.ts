import { cents, sku } from './identifiers.ts';
import { expect, test } from './test-context.ts';

test('two tenants may call different things the same', async ({ catalogue, make, tenants: { a, b } }) => {
  const number = sku('CABIN-1');
  await make.item(a, { sku: number, name: 'By the sea' });
  await make.item(b, { sku: number, name: 'In the hills' });

  expect(await catalogue.find(a.id, number)).toMatchObject({ name: 'By the sea' });
  expect(await catalogue.find(b.id, number)).toMatchObject({ name: 'In the hills' });
});

test('one tenant has a SKU once, and what a refused item brought with it is not there', async ({
  catalogue,
  make,
  tenants: { a },
}) => {
  const item = await make.item(a);

  await expect(make.item(a, { ...item, rates: { high: cents(1) } })).rejects.toMatchObject({ code: 'already-offered' });
  expect(await catalogue.find(a.id, item.sku)).toEqual(item);
});

test("what is not a tenant's own is not found, cached or not", async ({ catalogue, make, tenants: { a, b } }) => {
  const { sku: ofA } = await make.item(a);
  await catalogue.find(a.id, ofA);

  await expect(catalogue.find(b.id, ofA)).rejects.toMatchObject({ code: 'unknown-item' });
});

test('a rate is that of one tenant, one item and one season', async ({ catalogue, make, tenants: { a, b } }) => {
  const rates = { low: cents(9_000), high: cents(15_000) };
  const changed = await make.item(a, { rates });
  const sameTenant = await make.item(a, { rates });
  const sameSku = await make.item(b, { sku: changed.sku, rates });

  await catalogue.setRate(a.id, changed.sku, 'high', cents(18_000));

  expect(await catalogue.find(a.id, changed.sku)).toMatchObject({ rates: { low: 9_000, high: 18_000 } });
  expect(await catalogue.find(a.id, sameTenant.sku)).toMatchObject({ rates });
  expect(await catalogue.find(b.id, sameSku.sku)).toMatchObject({ rates });
});

test('it is read from the cache until it changes', async ({ catalogue, db, make, tenants: { a } }) => {
  const item = await make.item(a);
  await catalogue.find(a.id, item.sku);
  await db.updateTable('item').set({ name: 'Renamed behind its back' }).where('sku', '=', item.sku).execute();
  expect(await catalogue.find(a.id, item.sku)).toMatchObject({ name: 'Cabin' });

  await catalogue.setRate(a.id, item.sku, 'high', cents(15_000));

  expect(await catalogue.find(a.id, item.sku)).toEqual({
    sku: item.sku,
    name: 'Renamed behind its back',
    rates: { low: 9_000, high: 15_000 },
  });
});
