import { randomUUID } from 'node:crypto';
import type { AuditInput, Severity } from './models.ts';

const severityOf: ReadonlyMap<string, Severity> = new Map([
  ['payment_failed', 'critical'],
  ['security_breach', 'critical'],
  ['gdpr_violation', 'critical'],
  ['payment_retry', 'warning'],
  ['rate_limit_exceeded', 'warning'],
  ['session_expired', 'warning'],
]);

/** An event with what can be known without being told. */
export type EnrichedEvent = AuditInput & { readonly at: Date; readonly requestId: string; readonly severity: Severity };

/** Fills in what is missing of an event: when, of which request, how severe, and what it belongs to. */
export function enrich(event: AuditInput): EnrichedEvent {
  return {
    ...event,
    at: event.at ?? new Date(),
    requestId: event.requestId ?? randomUUID(),
    severity: event.severity ?? severityOf.get(event.action) ?? 'info',
    correlationId: event.correlationId ?? event.reference,
  };
}
