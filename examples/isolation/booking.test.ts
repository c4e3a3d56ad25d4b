import { expect, test } from 'mayfly/vitest';

test.override('leaseScope', 'test');

test('a seat is booked once', async ({ pg }) => {
  await pg.query('INSERT INTO booking (seat) VALUES (7)');

  await expect(pg.query('INSERT INTO booking (seat) VALUES (7)')).rejects.toThrow(/booking_seat_key/);
});

test('the next test finds every seat free', async ({ pg }) => {
  const { rows } = await pg.query('SELECT count(*)::int AS booked FROM booking');

  expect(rows).toEqual([{ booked: 0 }]);
});
