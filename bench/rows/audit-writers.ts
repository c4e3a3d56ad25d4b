import { join } from 'node:path';
import type { Check } from '../row.ts';

/** What four writers brought about. */
export interface Written {
  /** In milliseconds. */
  readonly duration: number;
  readonly entries: number;
  /** Whether the chain verifies. */
  readonly isWhole: boolean;
}

export const auditWriters: Check = {
  id: 'audit-writers',
  claim: '1,000 entries of the audit log by four writers, in less than a second',
  see: async (bench) => {
    const program = join(import.meta.dirname, '..', 'programs', 'audit-writers.ts');
    const { duration, entries, isWhole } = await bench.program<Written>(program, []);
    const seen = `${entries} entries in ${Math.round(duration)} ms, and the chain ${isWhole ? 'verifies' : 'is broken'}`;
    if (duration > 1_000 || entries !== 1_000 || !isWhole) {
      throw new Error(seen);
    }
    return seen;
  },
};
