import { expect, test } from 'vitest';
import { Interceptors, type ActionPattern } from './interceptors.ts';
import type { AuditInput } from './models.ts';

const event = (action: string): AuditInput => ({ type: 'payment', action });

test.each<[pattern: ActionPattern, action: string, is: boolean]>([
  ['payment_captured', 'payment_captured', true],
  ['payment_captured', 'payment_captured_late', false],
  ['payment_captured', 'a_payment_captured', false],
  ['payment_*', 'payment_captured', true],
  ['payment_*', 'payment_', true],
  ['payment_*', 'ticket_created', false],
  ['*', 'ticket_created', true],
  ['*_created', 'payment_session_created', true],
  ['p*_s*_created', 'payment_session_created', true],
  ['payment.captured', 'payment_captured', false],
  ['(payment|ticket)*', 'ticket_created', false],
  [/^payment_/, 'payment_captured', true],
  [/captured/i, 'payment_captured', true],
  [/^captured/, 'payment_captured', false],
])('%s, is it for %s: %s', async (pattern, action, is) => {
  const interceptors = new Interceptors();
  const seen: string[] = [];
  interceptors.add(pattern, (given) => {
    seen.push(given.action);
    return given;
  });

  // Twice: an expression with the flag g would remember where it was.
  await interceptors.apply(event(action));
  await interceptors.apply(event(action));

  expect(seen).toEqual(is ? [action, action] : []);
});

test.each([/payment/g, /^payment/y])('%s is for every such event', async (pattern) => {
  const interceptors = new Interceptors();
  interceptors.add(pattern, (given) => ({ ...given, actor: 'seen' }));

  for (let round = 0; round < 3; round += 1) {
    expect(await interceptors.apply(event('payment_failed'))).toMatchObject({ actor: 'seen' });
  }
});

test('each waits for the one before, and sees what that made of the event', async () => {
  const interceptors = new Interceptors();
  const order: string[] = [];
  interceptors.add('first', async (given) => {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    order.push('first');
    return { ...given, action: 'second' };
  });
  interceptors.add('second', (given) => {
    order.push('second');
    return { ...given, actor: 'second' };
  });

  expect(await interceptors.apply(event('first'))).toEqual({ type: 'payment', action: 'second', actor: 'second' });
  expect(order).toEqual(['first', 'second']);
});

test('one that was taken away is not called, and others are', async () => {
  const interceptors = new Interceptors();
  const remove = interceptors.add('*', (given) => ({ ...given, actor: 'one' }));
  interceptors.add('*', (given) => ({ ...given, requestId: 'two' }));
  remove();
  remove();

  expect(await interceptors.apply(event('any'))).toEqual({ ...event('any'), requestId: 'two' });
});

test.each([
  ['pattern', undefined, (given: AuditInput) => given],
  ['pattern', { test: () => true }, (given: AuditInput) => given],
  ['interceptor', '*', undefined],
])('one is refused whose %s is none: %j', (field, pattern, interceptor) => {
  expect(() => new Interceptors().add(pattern as never, interceptor as never)).toThrow(
    expect.objectContaining({ code: 'MAYFLY_INPUT_INVALID', message: expect.stringContaining(`\`${field}\``) }),
  );
});

test.each([{ type: 'payment' }, { type: 'payment', action: 'Not so' }, undefined])(
  'what is made of an event must be one: %j',
  async (made) => {
    const interceptors = new Interceptors();
    interceptors.add('*', () => made as unknown as AuditInput);

    await expect(interceptors.apply(event('any'))).rejects.toMatchObject({ code: 'MAYFLY_INPUT_INVALID' });
  },
);
