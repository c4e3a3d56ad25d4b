import { z } from 'zod';

/** A time that a timer of Node's can be set to, in milliseconds. */
export const milliseconds: z.ZodNumber = z
  .number()
  .positive()
  .max(2 ** 31 - 1);

/** A function: what it takes and gives is known to the compiler alone. */
export function functionOf<Type extends (...parameters: never[]) => unknown>(): z.ZodCustom<Type, Type> {
  return z.custom<Type>((value) => typeof value === 'function', 'expected a function');
}

/** Any function. */
export const callable: z.ZodCustom<(...parameters: never[]) => unknown> = functionOf();
