import { MayflyError } from '../../errors/mayfly-error.ts';
import { wholeSeconds, type PassTicket, type StoredPass } from './models.ts';

const day = 24 * 60 * 60 * 1000;

/** @throws MayflyError `MAYFLY_STATE_REFUSED` where the ticket lets nobody in any more. */
export function assertUnused({ id, status }: PassTicket): void {
  if (status !== 'issued') {
    throw refused(`The ticket \`${id}\` is ${status}.`, 'It lets nobody in any more.');
  }
}

/** @throws MayflyError `MAYFLY_STATE_REFUSED` where the pass is revoked. */
export function assertNotRevoked({ ticketId, revokedAt }: StoredPass): void {
  if (revokedAt !== null) {
    throw refused(`The pass of the ticket \`${ticketId}\` is revoked.`, 'Issue another.');
  }
}

/**
 * A day after the event begins.
 *
 * @throws MayflyError `MAYFLY_STATE_REFUSED` where that is over.
 */
export function defaultExpiry({ id, startsAt }: PassTicket, at: Date): Date {
  const end = wholeSeconds(new Date(startsAt.getTime() + day));
  if (end <= at) {
    throw refused(`The event of the ticket \`${id}\` is over.`, 'Say when the pass is to expire.');
  }
  return end;
}

/** The error for what a state does not allow. */
export function refused(message: string, remedy: string): MayflyError {
  return new MayflyError('MAYFLY_STATE_REFUSED', { message, remedy, service: 'wallet', phase: 'run' });
}
