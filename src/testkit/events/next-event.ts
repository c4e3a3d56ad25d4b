import type { EventEmitter } from 'node:events';
import { collectEvents } from './collect-events.ts';
import type { EventMap, EventName, EventOptions } from './event-options.ts';

/**
 * Waits for the next event of this name: of an EventEmitter, for the array of its arguments; of an EventTarget, for the
 * event itself. It listens from the moment of the call: call it before what causes the event, and await it after. However
 * it ends, no listener is left.
 *
 * An `error` event of an EventEmitter ends the wait with that error.
 *
 * @throws MayflyError `MAYFLY_EVENT_TIMEOUT`, showing what the filter passed over, when the event does not come in time;
 * `MAYFLY_INPUT_INVALID` when an option is not valid.
 *
 * @example
 * ```ts
 * const sold = nextEvent(box, 'sold', { filter: ([{ seat }]) => seat === 'A1' });
 * await box.buy('A1');
 * const [{ price }] = await sold;
 * ```
 */
export function nextEvent<Events extends EventMap<Events>, Name extends EventName<Events>>(
  emitter: EventEmitter<Events>,
  name: Name,
  options?: EventOptions<Events[Name]>,
): Promise<Events[Name]>;
export function nextEvent<Arguments extends unknown[] = unknown[]>(
  emitter: NodeJS.EventEmitter,
  name: string | symbol,
  options?: EventOptions<Arguments>,
): Promise<Arguments>;
export function nextEvent<Kind extends Event = Event>(
  target: EventTarget,
  name: string,
  options?: EventOptions<Kind>,
): Promise<Kind>;
export async function nextEvent(
  emitter: EventEmitter | EventTarget,
  name: string | symbol,
  options?: EventOptions<never>,
): Promise<unknown> {
  const [event] = await collectEvents(emitter as EventEmitter, name, 1, options as EventOptions<unknown[]>);
  return event;
}
