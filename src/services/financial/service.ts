import { readFile } from 'node:fs/promises';
import { defineService } from '../../service/define-service.ts';
import type { Service } from '../../service/service.ts';
import { audit } from '../audit/service.ts';
import { database } from '../database/service.ts';
import { Financial } from './financial.ts';

const schema = new URL('schema.sql', import.meta.url);

/** Payments, with their states, events and reconciliation. */
export const financial: Service<'financial', Financial, undefined, 'lease'> = defineService({
  name: 'financial',
  dependsOn: { database, audit },
  inputs: [schema],
  prepare: async ({ database: db }) => {
    await db.query(await readFile(schema, 'utf8'));
  },
  start: ({ database: db, audit: log }) => new Financial(db, log),
});
