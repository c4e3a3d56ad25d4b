import { z } from 'zod';

const aggregate = z.string().regex(/^[a-z]+:[A-Za-z0-9-]+$/);
const type = z.string().regex(/^[a-z]+(\.[a-z]+)+$/);

/** An event as it is published. */
export const eventDraft = z.strictObject({
  aggregate,
  type,
  payload: z.record(z.string(), z.unknown()).optional(),
  /** Its place in the aggregate; where it is left out, the next. Who says it knows what came before. */
  sequence: z.int().positive().optional(),
  /** The event that led to this one. */
  refersTo: z.uuid().optional(),
});

export type EventDraft = z.infer<typeof eventDraft>;

/** Which events somebody wants: those that have happened, or those that are to come. */
export const eventFilter = z.strictObject({ type: type.optional(), aggregate: aggregate.optional() });

export type EventFilter = z.infer<typeof eventFilter>;

/** An event that has happened. */
export interface StoredEvent {
  readonly id: string;
  readonly aggregate: string;
  readonly sequence: number;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly refersTo: string | null;
  /** As ISO 8601 has it. */
  readonly at: string;
}

export function fits(event: StoredEvent, { type, aggregate }: EventFilter): boolean {
  return [event.type, undefined].includes(type) && [event.aggregate, undefined].includes(aggregate);
}
