import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { defineService } from '../../service/define-service.ts';
import type { Service } from '../../service/service.ts';
import { audit } from '../audit/service.ts';
import { database } from '../database/service.ts';
import { valid } from '../input.ts';
import { missingTables } from '../tables.ts';
import { Gdpr } from './gdpr.ts';
import { bundledTables, subjectTable, type SubjectTable } from './subject-tables.ts';

const schema = new URL('schema.sql', import.meta.url);

export interface GdprOptions {
  /** Further tables that hold data of people; one with the name of a bundled one takes its place. */
  readonly tables?: readonly SubjectTable[] | undefined;
}

const gdprOptions: z.ZodType<GdprOptions> = z.strictObject({ tables: z.array(subjectTable).max(40).optional() });

/**
 * The GDPR service, for more tables than the bundled ones.
 *
 * @throws MayflyError `MAYFLY_INPUT_INVALID`.
 *
 * @example
 * ```ts
 * gdprService({ tables: [{ table: 'newsletter', erase: { email: null, name: 'erased' } }] })
 * ```
 */
export function gdprService(options: GdprOptions = {}): Service<'gdpr', Gdpr, undefined, 'lease'> {
  const { tables = [] } = valid(gdprOptions, options, 'gdpr');
  const all = [...new Map([...bundledTables, ...tables].map((one) => [one.table, one])).values()];
  return defineService({
    name: 'gdpr',
    dependsOn: { database, audit },
    inputs: [schema],
    prepare: async ({ database: prepared }) => prepared.query(await readFile(schema, 'utf8')),
    start: async ({ database: opened, audit: log }) => {
      // Those of the bundled services are there, or they could not be depended on.
      const absent =
        tables.length === 0
          ? []
          : await missingTables(
              opened,
              tables.map(({ table }) => table),
            );
      if (absent.length > 0) {
        throw new MayflyError('MAYFLY_RECORD_NOT_FOUND', {
          message: `There is no table ${absent.join(' or ')} to look for people in.`,
          remedy: 'Make it in a migration, or leave it out of the `tables` of `gdprService`.',
          service: 'gdpr',
          phase: 'start',
        });
      }
      return new Gdpr(opened, log, all);
    },
  });
}

/** The GDPR service, for the tables of the bundled services. */
export const gdpr: Service<'gdpr', Gdpr, undefined, 'lease'> = gdprService();
