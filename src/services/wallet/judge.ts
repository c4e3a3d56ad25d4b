import { timingSafeEqual } from 'node:crypto';
import type { EventId, TicketId } from '../database/identifiers.ts';
import type { StoredPass } from './models.ts';
import { passRefused } from './refusal.ts';
import { digestOf, type PassClaims } from './token.ts';

interface Shown {
  readonly token: string;
  readonly ticketId: TicketId | null;
  readonly eventId: EventId | null;
  readonly at: Date;
}

/**
 * Returns where a token of ours is the one that its pass has now, and for what it is shown.
 *
 * @throws MayflyError `MAYFLY_PASS_REFUSED` otherwise.
 */
export function judge(shown: Shown, claims: PassClaims, pass: StoredPass): void {
  // How long it takes says nothing of where the two differ.
  const isLatest = timingSafeEqual(digestOf(shown.token), pass.tokenDigest);
  if (pass.revokedAt !== null) {
    throw passRefused('It was revoked.');
  }
  if (pass.ticketStatus === 'cancelled') {
    throw passRefused('Its ticket was cancelled.');
  }
  if (claims.version !== pass.version) {
    throw passRefused('It was replaced by a later one.');
  }
  if (!isLatest || claims.ticketId !== pass.ticketId || claims.eventId !== pass.eventId) {
    throw passRefused('It is not the one that was issued.');
  }
  if (pass.expiresAt <= shown.at) {
    throw passRefused('It has expired.');
  }
  if (shown.ticketId !== null && shown.ticketId !== pass.ticketId) {
    throw passRefused('It is for another ticket.');
  }
  if (shown.eventId !== null && shown.eventId !== pass.eventId) {
    throw passRefused('It is for another event.');
  }
}
