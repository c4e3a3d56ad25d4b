import { on, type EventEmitter } from 'node:events';
import { z } from 'zod';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { withDeadline } from '../../service/deadline.ts';
import { callable, milliseconds } from '../../service/option-schemas.ts';
import { counted, shown } from '../shown.ts';
import { abortSignal, defaultTimeout, validOptions } from '../wait-options.ts';
import type { EventMap, EventName, EventOptions } from './event-options.ts';

const input = z.strictObject({
  emitter: z.custom(
    (value) => typeof value === 'object' && value !== null && ('on' in value || 'addEventListener' in value),
    'expected an EventEmitter or an EventTarget',
  ),
  name: z.union([z.string(), z.symbol()]),
  count: z.int().positive(),
  filter: callable.optional(),
  timeout: milliseconds.default(defaultTimeout),
  signal: abortSignal,
});

/**
 * Waits for the next `count` events of this name, in their order; otherwise as {@link nextEvent}.
 *
 * @throws MayflyError `MAYFLY_EVENT_TIMEOUT` when fewer come in time; `MAYFLY_INPUT_INVALID` when an option is not valid.
 */
export function collectEvents<Events extends EventMap<Events>, Name extends EventName<Events>>(
  emitter: EventEmitter<Events>,
  name: Name,
  count: number,
  options?: EventOptions<Events[Name]>,
): Promise<Events[Name][]>;
export function collectEvents<Arguments extends unknown[] = unknown[]>(
  emitter: NodeJS.EventEmitter,
  name: string | symbol,
  count: number,
  options?: EventOptions<Arguments>,
): Promise<Arguments[]>;
export function collectEvents<Kind extends Event = Event>(
  target: EventTarget,
  name: string,
  count: number,
  options?: EventOptions<Kind>,
): Promise<Kind[]>;
export async function collectEvents(
  emitter: EventEmitter | EventTarget,
  name: string | symbol,
  count: number,
  options: EventOptions<never> = {},
): Promise<unknown[]> {
  const { timeout, signal } = validOptions(input, { ...options, emitter, name, count }, 'nextEvent');
  const filter = (options.filter ?? (() => true)) as (event: unknown) => boolean;
  const found: unknown[] = [];
  const passedOver: unknown[] = [];

  return withDeadline({ ms: timeout, signal, expired }, async (ended) => {
    // Listens from now on, keeps what comes between two questions, and throws what an emitter's 'error' brings.
    const events = on(emitter as EventEmitter, name as string);
    const stop = (): void => void events.return?.();
    ended.addEventListener('abort', stop);
    try {
      for await (const parameters of events) {
        const event: unknown = emitter instanceof EventTarget ? parameters[0] : parameters;
        (filter(event) ? found : passedOver).push(event);
        if (found.length === count) {
          break;
        }
      }
      return found;
    } finally {
      ended.removeEventListener('abort', stop);
    }
  });

  function expired(): MayflyError {
    const came = count === 1 ? `No "${String(name)}" event` : `${found.length} of ${count} "${String(name)}" events`;
    const others = passedOver.length === 0 ? '' : `; the filter passed over ${counted(passedOver.length, 'other')}`;
    const output = shown([...found, ...passedOver]);
    return new MayflyError('MAYFLY_EVENT_TIMEOUT', {
      message: `${came} came within ${timeout} ms${others}${output.length === 0 ? '.' : ':'}`,
      output,
      remedy: 'Begin the wait before what causes the event, and check that it is caused, or give `timeout` more.',
      phase: 'run',
    });
  }
}
