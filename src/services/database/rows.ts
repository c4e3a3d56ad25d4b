import { z } from 'zod';
import { MayflyError } from '../../errors/mayfly-error.ts';

/**
 * Rows as a model has them.
 *
 * @throws MayflyError `MAYFLY_ROW_UNEXPECTED` where one does not fit.
 */
export function fit<Model extends z.ZodType>(model: Model, rows: readonly unknown[]): z.output<Model>[] {
  return rows.map((row) => {
    const parsed = model.safeParse(row);
    if (!parsed.success) {
      throw new MayflyError('MAYFLY_ROW_UNEXPECTED', {
        message: `A row is not what its model says: ${z.prettifyError(parsed.error)}.`,
        remedy: 'Change the model together with the schema.',
        phase: 'run',
        cause: parsed.error,
      });
    }
    return parsed.data;
  });
}
