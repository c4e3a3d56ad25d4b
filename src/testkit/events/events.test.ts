import { EventEmitter, getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { expectNoTimersLeft } from '../../../fixtures/harness/timers.ts';
import { reasonOf } from '../../errors/reason.ts';
import { collectEvents } from './collect-events.ts';
import { nextEvent } from './next-event.ts';

interface BoxEvents {
  sold: [seat: string, price: number];
  closed: [];
}

const minute = 60_000;

describe('the next event', () => {
  test('of an emitter is the array of its arguments', async () => {
    const box = new EventEmitter<BoxEvents>();

    const sold = nextEvent(box, 'sold');
    box.emit('sold', 'A1', 50);

    await expect(sold).resolves.toEqual(['A1', 50]);
  });

  test('of an event target is the event', async () => {
    const target = new EventTarget();
    const event = new CustomEvent('sold', { detail: 'A1' });

    const sold = nextEvent<CustomEvent<string>>(target, 'sold');
    target.dispatchEvent(event);

    await expect(sold).resolves.toBe(event);
  });

  test('may have a symbol for its name', async () => {
    const emitter = new EventEmitter();
    const name = Symbol('sold');

    const sold = nextEvent(emitter, name);
    emitter.emit(name, 1);

    await expect(sold).resolves.toEqual([1]);
  });

  test('is one that fits, also where many come at once', async () => {
    const box = new EventEmitter<BoxEvents>();

    const sold = nextEvent(box, 'sold', { filter: ([seat]) => seat === 'A3' });
    for (const seat of ['A1', 'A2', 'A3', 'A4']) {
      box.emit('sold', seat, 50);
    }

    await expect(sold).resolves.toEqual(['A3', 50]);
  });

  test('is not one that came before', async () => {
    const box = new EventEmitter<BoxEvents>();
    box.emit('sold', 'A1', 50);

    const sold = nextEvent(box, 'sold');
    box.emit('sold', 'A2', 50);

    await expect(sold).resolves.toEqual(['A2', 50]);
  });

  test('may be an error, where that is what is waited for', async () => {
    const emitter = new EventEmitter();

    const failed = nextEvent(emitter, 'error');
    emitter.emit('error', new Error('no luck'));

    await expect(failed).resolves.toEqual([new Error('no luck')]);
  });
});

test('several are collected in their order, each by everybody who waits', async () => {
  const box = new EventEmitter<BoxEvents>();

  const waits = [collectEvents(box, 'sold', 2), collectEvents(box, 'sold', 3), nextEvent(box, 'sold')];
  for (const seat of ['A1', 'A2', 'A3']) {
    box.emit('sold', seat, 50);
  }

  const [a1, a2, a3] = ['A1', 'A2', 'A3'].map((seat) => [seat, 50]);
  await expect(Promise.all(waits)).resolves.toEqual([[a1, a2], [a1, a2, a3], a1]);
});

describe('a wait that is in vain', () => {
  test('says what the filter passed over', async () => {
    const box = new EventEmitter<BoxEvents>();

    const sold = nextEvent(box, 'sold', { filter: ([, price]) => price > 100, timeout: 5 });
    box.emit('sold', 'A1', 50);
    box.emit('sold', 'A2', 60);

    await expect(sold).rejects.toMatchObject({
      code: 'MAYFLY_EVENT_TIMEOUT',
      message: [
        'No "sold" event came within 5 ms; the filter passed over 2 others:',
        "  | [ 'A1', 50 ]",
        "  | [ 'A2', 60 ]",
        'Begin the wait before what causes the event, and check that it is caused, or give `timeout` more.',
      ].join('\n'),
    });
  });

  test('says that nothing came', async () => {
    await expect(nextEvent(new EventTarget(), 'sold', { timeout: 5 })).rejects.toThrow(
      'No "sold" event came within 5 ms. Begin',
    );
  });

  test('for several says how many came', async () => {
    const box = new EventEmitter<BoxEvents>();

    const sold = collectEvents(box, 'sold', 3, { timeout: 5 });
    box.emit('sold', 'A1', 50);

    await expect(sold).rejects.toThrow('1 of 3 "sold" events came within 5 ms:\n  | [ \'A1\', 50 ]');
  });

  test('ends with the error that the emitter had instead', async () => {
    const box = new EventEmitter();

    const sold = nextEvent(box, 'sold');
    box.emit('error', new Error('box is gone'));

    await expect(sold).rejects.toThrow('box is gone');
  });
});

const kinds = [
  { kind: 'an emitter', make: () => new EventEmitter(), emit: (one: EventEmitter) => void one.emit('sold', 1) },
  {
    kind: 'an event target',
    make: () => new EventTarget(),
    emit: (one: EventTarget) => void one.dispatchEvent(new Event('sold')),
  },
] as const;
const endings = [
  { ending: 'found its event', says: /^found$/, filter: () => true, timeout: minute },
  { ending: 'passed its deadline', says: /came within 5 ms/, filter: () => false, timeout: 5 },
  { ending: 'been given up', says: /changed my mind/, filter: () => false, timeout: minute },
  {
    ending: 'failed in its filter',
    says: /no such field/,
    filter: () => {
      throw new Error('no such field');
    },
    timeout: minute,
  },
];

test.each(kinds.flatMap((kind) => endings.map((ending) => ({ ...kind, ...ending }))))(
  'a wait for $kind that has $ending leaves no listener and no timer',
  async ({ make, emit, ending, says, filter, timeout }) => {
    await expectNoTimersLeft(async () => {
      const emitter = make();
      const asker = new AbortController();

      const wait = nextEvent(emitter as EventEmitter, 'sold', { filter, timeout, signal: asker.signal });
      expect(listenersOf(emitter)).toHaveLength(emitter instanceof EventTarget ? 1 : 2);
      emit(emitter as EventEmitter & EventTarget);
      if (ending === 'been given up') {
        asker.abort(new Error('changed my mind'));
      }
      const outcome = await wait.then(() => 'found', reasonOf);

      expect(outcome).toMatch(says);
      expect(listenersOf(emitter)).toEqual([]);
      expect(getEventListeners(asker.signal, 'abort')).toEqual([]);
    });
  },
);

test('what a filter throws ends its own wait, and nobody else', async () => {
  const box = new EventEmitter<BoxEvents>();
  const wrong = nextEvent(box, 'sold', {
    filter: () => {
      throw new Error('no such field');
    },
  });
  const right = nextEvent(box, 'sold');

  expect(box.emit('sold', 'A1', 50)).toBe(true);

  await expect(wrong).rejects.toThrow('no such field');
  await expect(right).resolves.toEqual(['A1', 50]);
});

test('for an asker who has given up no listener is added', async () => {
  const box = new EventEmitter<BoxEvents>();

  const wait = nextEvent(box, 'sold', { signal: AbortSignal.abort(new Error('changed my mind')) });

  expect(listenersOf(box)).toEqual([]);
  await expect(wait).rejects.toThrow('changed my mind');
});

test.each([
  { what: 'nothing that emits', given: [{}, 'sold', 1, {}], field: 'emitter' },
  { what: 'no emitter', given: [undefined, 'sold', 1, {}], field: 'emitter' },
  { what: 'no name', given: [new EventEmitter(), undefined, 1, {}], field: 'name' },
  { what: 'a count of nothing', given: [new EventEmitter(), 'sold', 0, {}], field: 'count' },
  { what: 'no time', given: [new EventEmitter(), 'sold', 1, { timeout: 0 }], field: 'timeout' },
  {
    what: 'more time than a timer can hold',
    given: [new EventEmitter(), 'sold', 1, { timeout: 2 ** 31 }],
    field: 'timeout',
  },
  { what: 'a filter that is none', given: [new EventEmitter(), 'sold', 1, { filter: 'A1' }], field: 'filter' },
  { what: 'a signal that is none', given: [new EventEmitter(), 'sold', 1, { signal: {} }], field: 'signal' },
  { what: 'an unknown field', given: [new EventEmitter(), 'sold', 1, { timeuot: 5 }], field: 'timeuot' },
])('$what is refused', async ({ given, field }) => {
  await expect(collectEvents(...(given as Parameters<typeof collectEvents>))).rejects.toMatchObject({
    code: 'MAYFLY_INPUT_INVALID',
    message: expect.stringContaining(field),
  });
});

function listenersOf(emitter: EventEmitter | EventTarget): unknown[] {
  return ['sold', 'error'].flatMap((name) => getEventListeners(emitter as EventEmitter, name));
}
