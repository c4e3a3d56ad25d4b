import { z } from 'zod';

/** Text that a `text` column gives back as it was given: it cannot hold NUL, and half a character would become another. */
export function storableText(longest: number): z.ZodType<string> {
  return z
    .string()
    .min(1)
    .max(longest)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), 'expected well-formed text without NUL');
}

/** A time that a `timestamptz` column holds and every client reads: from 1970, in years of four digits. */
export const storableTime: z.ZodType<Date> = z
  .date({ error: ({ input }) => (input instanceof Date ? 'expected a time, and this Date is none' : undefined) })
  .min(new Date(0))
  .max(new Date('9999-12-31T23:59:59.999Z'));
