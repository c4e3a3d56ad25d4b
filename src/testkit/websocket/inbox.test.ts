import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Inbox } from './inbox.ts';

interface Ask {
  readonly kind: 'ask';
  readonly count: number;
  readonly divisor: number;
}

type Step =
  | Ask
  | { readonly kind: 'arrive'; readonly value: number }
  | { readonly kind: 'giveUp'; readonly which: number }
  | { readonly kind: 'settle' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('arrive' as const), value: fc.nat({ max: 11 }) }),
  fc.record({
    kind: fc.constant('ask' as const),
    count: fc.integer({ min: 1, max: 3 }),
    divisor: fc.constantFrom(1, 2, 3),
  }),
  fc.record({ kind: fc.constant('giveUp' as const), which: fc.nat({ max: 9 }) }),
  fc.record({ kind: fc.constant('settle' as const) }),
);

interface Message {
  readonly number: number;
  readonly value: number;
}

interface Wait extends Ask {
  readonly asker: AbortController;
  taken: readonly Message[] | undefined;
  pending: boolean;
}

test('whatever happens in whatever order, each message is taken once or unread, and nobody waits in vain', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const inbox = new Inbox<Message>(Infinity);
      const waits: Wait[] = [];
      let arrived = 0;

      for (const one of steps) {
        if (one.kind === 'arrive') {
          inbox.add({ number: (arrived += 1), value: one.value });
        } else if (one.kind === 'ask') {
          waits.push(ask(inbox, one));
        } else if (one.kind === 'giveUp') {
          waits[one.which]?.asker.abort(new Error('given up'));
        } else {
          await settled();
        }
      }
      await settled();

      const taken = waits.map((wait) => wait.taken ?? []);
      const numbers = [...taken.flat(), ...inbox.unread].map(({ number }) => number);
      const held = waits.filter(({ pending }) => pending);
      // Those who wait hold what they have so far; when they are given up it is found again.
      held.forEach(({ asker }) => asker.abort(new Error('over')));
      await settled();
      const found = [...taken.flat(), ...inbox.unread].map(({ number }) => number);

      expect(found.sort((one, other) => one - other)).toEqual(Array.from({ length: arrived }, (_, index) => index + 1));
      expect(new Set(numbers).size).toBe(numbers.length);
      for (const messages of [...taken, inbox.unread]) {
        expect(messages).toEqual([...messages].sort((one, other) => one.number - other.number));
      }
      for (const { taken: own, count, divisor } of waits) {
        expect([count, undefined]).toContain(own?.length);
        expect(own?.every(({ value }) => value % divisor === 0)).not.toBe(false);
      }
      for (const { count, divisor } of held) {
        const fitting = inbox.unread.filter(({ value }) => value % divisor === 0);
        // Together with what others held it may be enough by now, but alone it was not.
        expect(held.length > 1 || fitting.length < count).toBe(true);
      }
    }),
    {
      numRuns: 300,
      examples: [
        // What one gives up comes to another who has already taken what arrived later.
        [
          [
            { kind: 'ask', count: 1, divisor: 1 },
            { kind: 'ask', count: 3, divisor: 1 },
            { kind: 'arrive', value: 0 },
            { kind: 'arrive', value: 0 },
            { kind: 'arrive', value: 0 },
            { kind: 'giveUp', which: 0 },
          ],
        ],
      ],
    },
  );
});

function ask(inbox: Inbox<Message>, { count, divisor, kind }: Ask): Wait {
  const wait: Wait = { kind, count, divisor, asker: new AbortController(), taken: undefined, pending: true };
  inbox
    .take(
      { count, predicate: ({ value }) => value % divisor === 0 },
      { ms: 60_000, signal: wait.asker.signal, expired: () => new Error('too late') },
    )
    .then((taken) => (wait.taken = taken))
    .catch(() => {})
    .finally(() => (wait.pending = false));
  return wait;
}

async function settled(): Promise<void> {
  await new Promise(setImmediate);
}
