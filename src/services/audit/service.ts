import { readFile } from 'node:fs/promises';
import { defineService } from '../../service/define-service.ts';
import type { Service } from '../../service/service.ts';
import { database } from '../database/service.ts';
import { AuditLog, type AuditOptions } from './audit-log.ts';

const schema = new URL('schema.sql', import.meta.url);

/** The audit log as a service, with options. */
export function auditService(options: AuditOptions = {}): Service<'audit', AuditLog, undefined, 'lease'> {
  return defineService({
    name: 'audit',
    dependsOn: { database },
    inputs: [schema],
    prepare: async ({ database: prepared }) => prepared.query(await readFile(schema, 'utf8')),
    start: ({ database: opened }) => new AuditLog(opened, options),
  });
}

/** The audit log, which takes entries for what happened and no others. */
export const audit: Service<'audit', AuditLog, undefined, 'lease'> = auditService();
