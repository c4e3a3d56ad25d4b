import type { WaitOptions } from '../wait-options.ts';

/** What bounds a wait for events, and which of them count. */
export interface EventOptions<Event> extends WaitOptions {
  /** Says whether an event is one that is waited for. What it throws ends the wait. */
  readonly filter?: (event: Event) => boolean;
}

/** The events of an emitter that says which it has: the arguments of each. */
export type EventMap<Events> = Record<keyof Events, unknown[]>;

/** The name of one of them. */
export type EventName<Events> = keyof Events & (string | symbol);
