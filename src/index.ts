/// <reference lib="esnext.disposable" />

// Environments
export { defineEnvironment } from './config/definition.ts';
export type { EnvironmentDefinition, PostgresDefinition, RedisDefinition } from './config/definition.ts';
export type { RuntimeName } from './connection/runtime-name.ts';
export { attachEnvironment } from './environment/attach.ts';
export type { AttachedEnvironment } from './environment/attached-environment.ts';
export { startEnvironment } from './environment/start-environment.ts';
export type { StartOptions } from './environment/start-environment.ts';
export type { Environment } from './environment/environment.ts';
export type { DetailsOf, ServicesOf } from './environment/services-of.ts';
export type { Lease, LeaseOptions } from './environment/leases/lease.ts';
export type { ProgressEvent } from './environment/progress.ts';
export type { PostgresDetails, RedisDetails } from './connection/details.ts';
export type { PooledPostgres } from './connection/pooled-postgres.ts';
export type { RedisSpace } from './isolation/redis/redis-space.ts';

// Services
export { defineService } from './service/define-service.ts';
export { containerService } from './runtime/docker/container-service.ts';
export { postgres, redis } from './environment/servers.ts';
export type { ContainerServiceDefinition } from './runtime/docker/container-service.ts';
export type { Service, ServiceContext, ServiceDefinition, ServiceRef } from './service/service.ts';

// What happened
export type { Health, ServiceHealth } from './coordinator/health.ts';
export type { Span } from './coordinator/timeline.ts';
export type { StopStep } from './coordinator/stop-service.ts';
export type { TeardownReport } from './coordinator/teardown.ts';

// Errors
export { isMayflyError, MayflyError, TeardownError } from './errors/mayfly-error.ts';
export type { MayflyErrorCode } from './errors/codes.ts';
