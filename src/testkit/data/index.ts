/// <reference lib="esnext.disposable" />

export { Testkit, testkit } from './testkit.ts';
export { tenants } from './tenants.ts';
export type { Purchase, TestkitOptions, TestkitServices } from './testkit.ts';
export type { Each, PurchaseGraph, PurchaseOptions } from './purchase.ts';
export type { Factories } from './factories.ts';
export type { Tenants, TenantsOptions } from './tenants.ts';
export type { AuditTrail, TrailEntry } from './trail.ts';
