import { z } from 'zod';

/** An amount of money in the currency's smallest unit, which for most is the cent: a whole number, never negative. */
export const cents: z.core.$ZodBranded<z.ZodInt, 'Cents'> = z.int().nonnegative().brand<'Cents'>();
export type Cents = z.infer<typeof cents>;

/** As a `bigint` column comes back: as text, because it may be larger than a number can be exact. */
export const storedCents: z.ZodType<Cents, string> = z.string().regex(/^\d+$/).transform(Number).pipe(cents);

const codes: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** An ISO 4217 code in capitals, of those that the JavaScript engine's own data has (CLDR). */
export const currency: z.core.$ZodBranded<z.ZodString, 'Currency'> = z
  .string()
  .refine((code) => codes.has(code), 'expected an ISO 4217 code in capitals, such as EUR')
  .brand<'Currency'>();
export type Currency = z.infer<typeof currency>;
