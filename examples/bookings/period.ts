import { Refusal } from './errors.ts';

/** From the day of arrival to that of departure, which is free again: as Postgres writes a `daterange`. */
export type Period = `[${string},${string})`;

export function period(arrival: unknown, departure: unknown): Period {
  if (!isDay(arrival) || !isDay(departure) || arrival >= departure) {
    throw new Refusal(
      'invalid',
      `There are no nights from ${JSON.stringify(arrival)} to ${JSON.stringify(departure)}.`,
    );
  }
  return `[${arrival},${departure})`;
}

/** The night that begins on this day. */
export function night(day: string): Period {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return period(day, next.toISOString().slice(0, 10));
}

function isDay(text: unknown): text is string {
  if (typeof text !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    return false;
  }
  const midnight = new Date(`${text}T00:00:00Z`);
  // JavaScript takes 30 February for 2 March.
  return !Number.isNaN(midnight.valueOf()) && midnight.toISOString().startsWith(text);
}
