import { vi, type Mock } from 'vitest';
import { MayflyError } from '../../errors/mayfly-error.ts';
import type { SpiedOn } from './spies.ts';

/** What vitest does to all mocks at once. */
export type Sweep = 'mockClear' | 'mockReset' | 'mockRestore';

/** Who hears of what tests do with `vi` that reaches other tests. */
export interface Watch {
  spying(on: SpiedOn, spy: () => Mock): Mock;
  faking(): void;
  /** vitest does it before each test, as its configuration says, and vi.clearAllMocks() and its like do it in tests. */
  sweeping(way: Sweep, all: () => unknown): void;
}

// Also known to another copy of the package.
const mark = Symbol.for('mayfly.watched');

/** Until the function that it gives is called. Fails with MAYFLY_DEFINITION_INVALID where somebody watches already. */
export function watchVi(watch: Watch): () => void {
  const { spyOn, useFakeTimers, setSystemTime, clearAllMocks, resetAllMocks, restoreAllMocks } = vi;
  const real = { spyOn, useFakeTimers, setSystemTime, clearAllMocks, resetAllMocks, restoreAllMocks };
  if (mark in spyOn) {
    throw new MayflyError('MAYFLY_DEFINITION_INVALID', {
      message: 'This file has tests of two withMocks().',
      remedy: 'Call it once, in a module that test files import, and add what a file needs with mocks.use().',
      phase: 'configure',
    });
  }
  const spy = (object: object, property: PropertyKey, access?: 'get' | 'set'): Mock =>
    watch.spying({ object, property, access }, () => Reflect.apply(spyOn, vi, [object, property, access]) as Mock);
  const faking = (fake: (...parameters: never[]) => unknown) => {
    return (...parameters: unknown[]): unknown => {
      watch.faking();
      return Reflect.apply(fake, vi, parameters);
    };
  };
  const sweeping = (way: Sweep, all: () => unknown) => (): typeof vi => {
    watch.sweeping(way, () => Reflect.apply(all, vi, []));
    return vi;
  };
  Object.assign(vi, {
    spyOn: Object.assign(spy, { [mark]: true }),
    useFakeTimers: faking(useFakeTimers),
    setSystemTime: faking(setSystemTime),
    clearAllMocks: sweeping('mockClear', clearAllMocks),
    resetAllMocks: sweeping('mockReset', resetAllMocks),
    restoreAllMocks: sweeping('mockRestore', restoreAllMocks),
  });
  return () => void Object.assign(vi, real);
}
