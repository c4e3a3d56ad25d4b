import type { PostgresDetails } from '../../connection/details.ts';
import { pingPostgres, withoutTls } from '../../connection/postgres-connection.ts';
import type { MayflyErrorCode } from '../../errors/codes.ts';
import { isMayflyError } from '../../errors/mayfly-error.ts';
import { saysNoRoom } from '../../errors/no-room.ts';
import { postMortem } from '../post-mortem.ts';
import type { LeaseOffice } from './lease-office.ts';

type Service = 'postgres' | 'redis';

/** What says that a server does not answer. */
const unreachable: Partial<Record<MayflyErrorCode, Service>> = {
  MAYFLY_POSTGRES_UNREACHABLE: 'postgres',
  MAYFLY_REDIS_UNREACHABLE: 'redis',
};

/** What comes of users' code on connections of its own, whose failures can look like anything. */
const ofUsers: Partial<Record<MayflyErrorCode, Service>> = {
  MAYFLY_MIGRATION_FAILED: 'postgres',
  MAYFLY_SERVICE_PREPARE_FAILED: 'postgres',
};

/** Carries out what needs a server of the run. Where it fails because that has died or has no room, the error says so. */
export async function withPostMortem<T>(office: LeaseOffice, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { session, details } = office.options;
    const service = await troubledService(cause, details);
    if (service === undefined) {
      throw cause;
    }
    throw await postMortem({ session, service, details: details()[service], cause }, office.signal);
  }
}

/** The service whose server did not answer, or was itself in trouble, when this was thrown, if it was for that. */
async function troubledService(
  thrown: unknown,
  details: () => Readonly<Record<string, unknown>>,
): Promise<Service | undefined> {
  if (!isMayflyError(thrown)) {
    return isTroubleOfServer(thrown) ? 'postgres' : undefined;
  }
  const suspect = ofUsers[thrown.code];
  return suspect !== undefined && (await isSilent(details()[suspect] as PostgresDetails))
    ? suspect
    : unreachable[thrown.code];
}

/**
 * 58 and XX: classes of a server that could not do what it was to do, such as a checkpoint, and says only in its log why
 * (PostgreSQL documentation, "PostgreSQL Error Codes").
 */
function isTroubleOfServer(thrown: unknown): boolean {
  const { code } = (thrown ?? {}) as { readonly code?: unknown };
  return saysNoRoom(thrown) || /^(58|XX)\d/.test(String(code));
}

async function isSilent({ url, runtime }: PostgresDetails): Promise<boolean> {
  const ping = async (): Promise<boolean> => pingPostgres(url, withoutTls).then(() => false);
  return runtime !== 'external' && (await ping().catch(() => true));
}
