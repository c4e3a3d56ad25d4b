import { expect, test } from 'vitest';
import { defineService } from './define-service.ts';
import type { ServiceContext } from './service.ts';

const context = { signal: new AbortController().signal } as ServiceContext;

test('a value is released by the stop of its service, and by that alone', async () => {
  const released: string[] = [];
  const service = defineService({
    name: 'audit',
    start: () => ({ [Symbol.asyncDispose]: async () => void released.push('asyncDispose') }),
    stop: () => void released.push('stop'),
  });

  await service.stop(await service.start({}, context), context);

  expect(released).toEqual(['stop']);
});

test('without a stop it is released by its own asyncDispose, which is awaited', async () => {
  const released: string[] = [];
  const service = defineService({
    name: 'audit',
    start: () => ({
      [Symbol.dispose]: () => void released.push('dispose'),
      async [Symbol.asyncDispose]() {
        await Promise.resolve();
        released.push(this instanceof Object ? 'asyncDispose' : 'called without its object');
      },
    }),
  });

  await service.stop(await service.start({}, context), context);

  expect(released).toEqual(['asyncDispose']);
});

test('without either it is released by its dispose', async () => {
  class Log {
    isOpen = true;
    [Symbol.dispose](): void {
      this.isOpen = false;
    }
  }
  const service = defineService({ name: 'audit', start: () => new Log() });
  const log = await service.start({}, context);

  await service.stop(log, context);

  expect(log.isOpen).toBe(false);
});

test('what its disposal throws is a rejection', async () => {
  const service = defineService({
    name: 'audit',
    start: (): Disposable => ({
      [Symbol.dispose]: () => {
        throw new Error('no luck');
      },
    }),
  });

  await expect(service.stop(await service.start({}, context), context)).rejects.toThrow('no luck');
});

test.each([undefined, null, 'text', 7, {}])('there is nothing to release in %o', async (value) => {
  const service = defineService({ name: 'audit', start: () => value });

  await expect(service.stop(value, context)).resolves.toBeUndefined();
});
