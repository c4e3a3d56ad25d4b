import { isMayflyError, MayflyError, type Phase } from './mayfly-error.ts';
import { reasonOf } from './reason.ts';

/** The system's names for a disk that is full and a quota that is used up, and Postgres's for the first (SQLSTATE). */
const codes = new Set<unknown>(['ENOSPC', 'EDQUOT', '53100']);

/** As strerror(3) has them, in glibc, musl and macOS, with which servers end their complaints. */
const words = /: (No space left on device|Dis[ck] quota exceeded|Quota exceeded)\.?$/;

/** What to do where a server has no room for its data, whichever runtime it runs on. */
export const noRoomRemedy =
  'Make room where the server keeps its data, or name another directory in MAYFLY_DATA_DIR; in containers that is the memory of the Docker host.';

/** Whether somebody else's error, or a line of a server's log, says that there is no room left on a disk. */
export function saysNoRoom(said: unknown): boolean {
  if (isMayflyError(said)) {
    return false;
  }
  const { code, message } = (said ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  // A quota has no SQLSTATE of its own (PostgreSQL, src/backend/utils/error/elog.c, errcode_for_file_access).
  return codes.has(code) || words.test(String(message ?? said));
}

/** The error for a server that has no room for its data; what it failed with is the cause, and told in the message. */
export function noRoom({
  service,
  phase,
  cause,
}: {
  readonly service: string;
  readonly phase: Phase;
  readonly cause: unknown;
}): MayflyError {
  const why = isMayflyError(cause) ? `. ${cause.summary}` : `: ${reasonOf(cause)}.`;
  return new MayflyError('MAYFLY_DISK_UNUSABLE', {
    message: `There is no room left for the data of ${service}${why}`,
    remedy: noRoomRemedy,
    service,
    phase,
    cause,
  });
}
