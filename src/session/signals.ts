import { setTimeout } from 'node:timers/promises';

/** The signals that ask a run to end. */
const terminationSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type TerminationSignal = (typeof terminationSignals)[number];

/** The exit code by which shells report an end by this signal. */
export const exitCodeOf: Readonly<Record<TerminationSignal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/**
 * Calls `handler` for every signal that asks this process to end, instead of its end. Gives a function that takes the
 * handlers away again.
 */
export function onTermination(handler: (signal: TerminationSignal) => void): () => void {
  for (const signal of terminationSignals) {
    process.on(signal, handler);
  }
  return () => {
    for (const signal of terminationSignals) {
      process.off(signal, handler);
    }
  };
}

/** What is to be done before a signal ends this process, and how to stop listening for one. */
interface Endings {
  readonly works: Set<() => Promise<unknown>>;
  readonly release: () => void;
  /** Under way since a signal came; resolves when that has had its effect, if it has one. */
  ending?: Promise<void> | undefined;
}

// Kept on the process, to which signals belong too: several environments, also of several copies of this module, end
// together, and the process when the last of them has.
const key = Symbol.for('mayfly.endings');
const holder = process as { [key]?: Endings | undefined };

/**
 * When a signal asks this process to end, carries `work` out first, together with that of others, and then lets the
 * signal do what it would have done. A second signal does so at once. Gives a function that calls this off.
 */
export function endAfter(work: () => Promise<unknown>): () => void {
  const endings = (holder[key] ??= listen());
  endings.works.add(work);
  return () => {
    endings.works.delete(work);
    if (endings.works.size === 0 && endings.ending === undefined) {
      forget(endings);
    }
  };
}

/**
 * The end of this process by a signal, where one is under way: resolves after the signal has been raised again, and so only
 * where the program has a mind of its own. Whoever fails because everything is being taken away waits for it with saying so:
 * a program that catches nothing would end by that error instead.
 */
export function endingBySignal(): Promise<void> | undefined {
  return holder[key]?.ending;
}

function forget(endings: Endings): void {
  endings.release();
  if (holder[key] === endings) {
    holder[key] = undefined;
  }
}

function listen(): Endings {
  const works = new Set<() => Promise<unknown>>();
  const release = onTermination((signal) => {
    const end = async (): Promise<void> => {
      forget(endings);
      process.kill(process.pid, signal);
      // Where others listen it comes by way of the event loop, which must not have run out of work by then.
      await setTimeout(100);
    };
    // Until then the handler stays: signal-exit, which Testcontainers loads, ends the process where it finds no other.
    if (endings.ending === undefined) {
      endings.ending = carryOutAll(works).then(end);
    } else {
      void end();
    }
  });
  const endings: Endings = { works, release };
  return endings;
}

/** Also what comes in addition meanwhile, as an environment that the program goes on to start. */
async function carryOutAll(works: ReadonlySet<() => Promise<unknown>>): Promise<void> {
  const begun = new Set<() => Promise<unknown>>();
  for (let left = [...works]; left.length > 0; left = [...works].filter((work) => !begun.has(work))) {
    left.forEach((work) => begun.add(work));
    await Promise.allSettled(left.map((work) => work()));
  }
}
