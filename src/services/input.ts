import type { z } from 'zod';
import { MayflyError } from '../errors/mayfly-error.ts';

/**
 * What a caller gave, as the model has it.
 *
 * @throws MayflyError `MAYFLY_INPUT_INVALID`, naming the service and the field.
 */
export function valid<Model extends z.ZodType>(model: Model, input: unknown, service: string): z.output<Model> {
  const parsed = model.safeParse(input);
  if (parsed.success) {
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  // What is wrong with the name of a field is said by the model of the names.
  const reason = issue?.code === 'invalid_key' ? issue.issues[0]?.message : issue?.message;
  throw new MayflyError('MAYFLY_INPUT_INVALID', {
    message: `${field === '' ? 'What was given' : `\`${field}\``} is not valid: ${reason ?? 'it does not fit'}.`,
    remedy: 'Correct it; nothing was written.',
    service,
    phase: 'run',
    cause: parsed.error,
  });
}
