import { MayflyError } from '../../errors/mayfly-error.ts';
import { noRoom, saysNoRoom } from '../../errors/no-room.ts';
import { reasonOf } from '../../errors/reason.ts';
import type { ServerUrl } from './server-url.ts';

/** The error for a connection to an external server that failed: nobody there, or somebody who says no, or has no room. */
export function serverRefusal(service: 'postgres' | 'redis', server: ServerUrl, cause: unknown): MayflyError {
  const place = `${service} at ${server.host}:${server.port}`;
  const details = { service, phase: 'start', cause } as const;
  if (saysNoRoom(cause)) {
    return noRoom(details);
  }
  if (isAnswer(cause)) {
    return new MayflyError('MAYFLY_EXTERNAL_REFUSED', {
      ...details,
      message: `The external ${place} refused user "${server.user}": ${reasonOf(cause)}.`,
      remedy: 'Correct the user, password or privileges; on Postgres the user needs CREATEDB.',
    });
  }
  return new MayflyError('MAYFLY_EXTERNAL_UNREACHABLE', {
    ...details,
    message: `The external ${place} cannot be reached: ${reasonOf(cause)}.`,
    remedy: 'Start it, or correct its URL.',
  });
}

/** Whether the server itself said no: Postgres with a five-character SQLSTATE, Redis with a reply in capitals. */
function isAnswer(error: unknown): boolean {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  // Each SQLSTATE has a digit; EPIPE, which is the system's, has none.
  return /^(?=.*\d)[0-9A-Z]{5}$/.test(code ?? '') || /^(WRONGPASS|NOAUTH|NOPERM|ERR) /.test(message ?? '');
}
