import { readFile } from 'node:fs/promises';
import { defineService } from '../../service/define-service.ts';
import type { Service } from '../../service/service.ts';
import { audit } from '../audit/service.ts';
import { database } from '../database/service.ts';
import { Wallet } from './wallet.ts';

const schema = new URL('schema.sql', import.meta.url);

/** Passes for tickets. Their key is made when the service starts, so each lease has one of its own. */
export const wallet: Service<'wallet', Wallet, undefined, 'lease'> = defineService({
  name: 'wallet',
  dependsOn: { database, audit },
  inputs: [schema],
  prepare: async ({ database: db }) => {
    await db.query(await readFile(schema, 'utf8'));
  },
  start: ({ database: db, audit: log }) => new Wallet(db, log),
});
