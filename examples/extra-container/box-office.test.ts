import { expect, mayflyTest } from 'mayfly/vitest';
import { BoxOffice } from './box-office.ts';
import definition from './mayfly.config.ts';

const test = mayflyTest(definition);
test.override('leaseScope', 'test');

test('a seat that is sold is announced', async ({ pg, services: { events } }) => {
  const announced = events.next('sold');

  await new BoxOffice(pg, events).sell(7);

  expect(await announced).toEqual({ seat: 7 });
});

test('a seat is sold once, and announced once', async ({ pg, services: { events } }) => {
  const office = new BoxOffice(pg, events);
  await office.sell(7);
  const announced = events.next('sold');

  await expect(office.sell(7)).rejects.toThrow(/ticket_pkey/);
  await office.sell(8);

  expect(await announced).toEqual({ seat: 8 });
});
