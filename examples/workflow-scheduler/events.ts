import type { PoolClient } from 'pg';
import { z } from 'zod';

const about = { run: z.string(), schedule: z.string(), at: z.string() };
const ofStep = { ...about, action: z.string(), attempt: z.number() };

/** What happens to a run, as subscribers are told. */
export const workflowEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run-started'), ...about, dueAt: z.string() }),
  z.object({ type: z.literal('step-succeeded'), ...ofStep }),
  z.object({ type: z.literal('step-retried'), ...ofStep, error: z.string(), nextAttemptAt: z.string() }),
  z.object({ type: z.literal('step-failed'), ...ofStep, error: z.string() }),
  z.object({ type: z.literal('run-succeeded'), ...about }),
  z.object({ type: z.literal('run-failed'), ...about }),
]);

export type WorkflowEvent = z.infer<typeof workflowEvent>;

export const channel = 'workflow_events';

/** Part of the transaction: Postgres tells the listeners when it is committed, and never if it is rolled back. */
export async function publish(tx: PoolClient, event: WorkflowEvent): Promise<void> {
  await tx.query('SELECT pg_notify($1, $2)', [channel, JSON.stringify(event)]);
}
