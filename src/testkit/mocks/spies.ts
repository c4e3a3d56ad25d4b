import { vi, type Mock } from 'vitest';
import { MayflyError } from '../../errors/mayfly-error.ts';

/** A test that has something that all tests of a process share. */
export interface Holder {
  readonly name: string;
  /** Is given what the test has mocked, and what to do with it when the test ends. */
  hold(mock: Mock, end: () => void): void;
}

/** What a spy takes the place of, as `vi.spyOn` has it. */
export interface SpiedOn {
  readonly object: object;
  readonly property: PropertyKey;
  readonly access?: 'get' | 'set' | undefined;
}

/** Which running test spies on what. */
export class Spies {
  readonly #holders = new WeakMap<object, Map<PropertyKey, Holder>>();

  /** A spy that is gone when its test ends. Fails with MAYFLY_MOCK_TAKEN where another test has one there. */
  take(holder: Holder, spied: SpiedOn, spy: () => Mock): Mock {
    const { object, property } = spied;
    const holders = this.#holders.get(object) ?? new Map<PropertyKey, Holder>();
    const other = holders.get(property);
    if (other !== undefined && other !== holder) {
      throw taken(`${String(property)} of ${nameOf(object)}`, other);
    }
    if (other === undefined && vi.isMockFunction(presentAt(spied))) {
      // It was there before, as from beforeAll or a mocked module, and is not the test's to take away.
      return spy();
    }
    this.#holders.set(object, holders.set(property, holder));
    const made = spy();
    holder.hold(made, () => {
      made.mockRestore();
      holders.delete(property);
    });
    return made;
  }
}

export function taken(what: string, { name }: Holder): MayflyError {
  return new MayflyError('MAYFLY_MOCK_TAKEN', {
    message: `"${name}" has mocked ${what}, and is still running.`,
    remedy: 'Give each test an object of its own, or do not run these tests concurrently.',
    phase: 'run',
  });
}

function presentAt({ object, property, access }: SpiedOn): unknown {
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(at, property);
    if (descriptor !== undefined) {
      return descriptor[access ?? 'value'];
    }
  }
  return undefined;
}

function nameOf(object: object): string {
  const { name } = typeof object === 'function' ? object : object.constructor;
  return name === 'Object' ? 'an object' : name;
}
