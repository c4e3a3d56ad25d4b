import { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { Form } from './form.ts';

export const text: z.ZodString = z.string().min(1).max(5_000);
export const whole: z.ZodType<number> = z
  .string()
  .regex(/^\d{1,15}$/, 'Invalid integer')
  .transform(Number);
export const currency: z.ZodType<string> = z
  .string()
  .regex(/^[A-Za-z]{3}$/, 'Invalid currency')
  .transform((code) => code.toLowerCase());
export const metadata: z.ZodType<Record<string, string>> = z.record(z.string().max(40), z.string().max(500));
/** A list, which in a form is an object with places as keys. */
export function listOf<Item extends z.ZodType>(item: Item): z.ZodType<z.output<Item>[]> {
  return z.record(z.string().regex(/^\d*$/), item).transform((places) => Object.values(places) as z.output<Item>[]);
}
/** For lists and for everything that can be expanded. */
export const paging: { limit: z.ZodType<number | undefined>; starting_after: z.ZodType<string | undefined> } = {
  limit: whole.pipe(z.int().min(1).max(100)).optional(),
  starting_after: text.optional(),
};

/**
 * The parameters of a request. What the stand-in does not have is refused, whether Stripe has it or not, so that no test
 * relies on what is not done.
 */
export function parameters<Model extends z.ZodObject>(model: Model, form: Form): z.output<Model> {
  const parsed = model.safeParse(form);
  if (parsed.success) {
    return parsed.data;
  }
  const issue = parsed.error.issues[0] as z.core.$ZodIssue;
  if (issue.code === 'unrecognized_keys') {
    const param = bracketed([...issue.path, issue.keys[0] ?? '']);
    throw ApiError.invalid(`Received unknown parameter: ${param} (the stand-in has only a part of Stripe's)`, {
      code: 'parameter_unknown',
      param,
    });
  }
  const param = bracketed(issue.path);
  throw issue.code === 'invalid_type' && issue.input === undefined && !hasValue(form, issue.path)
    ? ApiError.invalid(`Missing required param: ${param}.`, { code: 'parameter_missing', param })
    : ApiError.invalid(`Invalid ${param}: ${issue.message}`, { param });
}

/** A field as forms write it: `line_items[0][quantity]`. */
function bracketed(path: readonly PropertyKey[]): string {
  return path.map((key, index) => (index === 0 ? String(key) : `[${String(key)}]`)).join('');
}

function hasValue(form: Form, path: readonly PropertyKey[]): boolean {
  let value: Form | string | undefined = form;
  for (const key of path) {
    value = typeof value === 'object' ? value[String(key)] : undefined;
  }
  return value !== undefined;
}
