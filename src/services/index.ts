/// <reference lib="esnext.disposable" />

// The database that all services share, and the platform's tables
export { database } from './database/service.ts';
export { Database } from './database/database.ts';
export type { Queryable } from './database/queryable.ts';

// The audit log: append-only, and chained
export { audit, auditService } from './audit/service.ts';
export { AuditLog, type AuditOptions } from './audit/audit-log.ts';
export {
  requiredActions,
  type AuditData,
  type AuditEntry,
  type AuditInput,
  type AuditPage,
  type AuditQuery,
  type AuditType,
  type Severity,
} from './audit/models.ts';
export type { FillOptions, TrailStep } from './audit/trail.ts';
export type { BreakReason, ChainVerdict } from './audit/verify-chain.ts';
export type { ActionPattern, Interceptor } from './audit/interceptors.ts';

// What the records are
export {
  eventId,
  newId,
  registrationId,
  subjectId,
  tenantId,
  tenantSlug,
  ticketId,
  transactionId,
} from './database/identifiers.ts';
export type {
  EventId,
  RegistrationId,
  SubjectId,
  TenantId,
  TenantSlug,
  TicketId,
  TransactionId,
} from './database/identifiers.ts';
export { cents, currency, type Cents, type Currency } from './database/money.ts';
export {
  columns,
  eventModel,
  registrationModel,
  tenantModel,
  ticketModel,
  transactionModel,
} from './database/models.ts';
export type {
  PaymentTransaction,
  Registration,
  Tenant,
  Ticket,
  TicketedEvent,
  TransactionStatus,
} from './database/models.ts';

// What is done with people's data, and what they ask for
export { gdpr, gdprService, type GdprOptions } from './gdpr/service.ts';
export { Gdpr, type AnsweredRequest } from './gdpr/gdpr.ts';
export { dataCategories, legalBases, requestTypes } from './gdpr/models.ts';
export type {
  DataCategory,
  DataRequest,
  Decision,
  ErasedRows,
  LegalBasis,
  ProcessingInput,
  ProcessingRecord,
  RequestInput,
  RequestStatus,
  RequestType,
  RetainedRows,
} from './gdpr/models.ts';
export type { SubjectExport } from './gdpr/export-subject.ts';
export type { LegalRetention, SubjectTable } from './gdpr/subject-tables.ts';

// Whether all of it fits together
export { consistency } from './consistency/consistency.ts';
export { shareDatabase } from './consistency/shared-database.ts';
export { health } from './health/health.ts';
export type { Consistency, ConsistentServices, Inconsistency } from './consistency/consistency.ts';
export type { SharingServices } from './consistency/shared-database.ts';
export type { CheckResult, HealthCheck, SuiteHealth, SuiteServices } from './health/health.ts';

// Stripe's webhooks, each event once
export { stripe } from './stripe/service.ts';
export { StripePayments, type StripeParts } from './stripe/stripe-payments.ts';
export type { Webhook, WebhookOptions } from './stripe/webhook.ts';
export type { InboxEntry, InboxQuery, InboxState, Receipt, ReceiveOptions } from './stripe/models.ts';
export type { Movement } from './stripe/movement.ts';

// Payments: states, events, reconciliation
export { financial } from './financial/service.ts';
export { Financial } from './financial/financial.ts';
export type { AdvanceOptions, FinancialEvent, TransactionInput } from './financial/models.ts';
export type {
  CurrencyTotal,
  Mismatch,
  Payment,
  Period,
  Reconciliation,
  ReconciliationInput,
  ReconciliationRecord,
} from './financial/reconciliation.ts';

// Passes for tickets
export { wallet } from './wallet/service.ts';
export { Wallet } from './wallet/wallet.ts';
export { PassKeys } from './wallet/pass-keys.ts';
export type { Expectation, Pass, PassOptions, PassRecord, QrFormat, RevocationOptions } from './wallet/models.ts';
