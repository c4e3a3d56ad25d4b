import { MayflyError } from '../../errors/mayfly-error.ts';
import { counted, shown } from '../shown.ts';
import type { WebSocketEnd } from './websocket-options.ts';

/** How it stands with a connection, for the error with which a wait ends. */
export interface Situation {
  /** Without secrets. */
  readonly url: string;
  /** What nobody has taken. */
  readonly unread: readonly unknown[];
}

/** For a wait to which too few messages came in time. */
export function timeoutError(
  { url, unread }: Situation,
  { count, taken, timeout }: { readonly count: number; readonly taken: readonly unknown[]; readonly timeout: number },
): MayflyError {
  const wanted = count === 1 ? 'No message' : `Only ${taken.length} of ${count} messages`;
  const others = unread.length === 0 ? 'Nothing else did.' : `${counted(unread.length, 'other')} did.`;
  return new MayflyError('MAYFLY_MESSAGE_TIMEOUT', {
    message: `${wanted} that was waited for arrived from ${url} within ${timeout} ms. ${others}`,
    output: [...shown(taken, 'taken: '), ...shown(unread, 'other: ')],
    remedy: 'Check what makes the server send it, and the predicate, or give `timeout` more.',
    phase: 'run',
  });
}

/** For whoever waits for a message, or sends one, when the connection is closed. */
export function closedError(
  { url, unread }: Situation,
  {
    end,
    byClient,
    cause,
  }: { readonly end: WebSocketEnd | undefined; readonly byClient: boolean; readonly cause: unknown },
): MayflyError {
  const by = byClient ? 'by this side' : 'by the server';
  const how = end === undefined ? ' just now' : ` with code ${end.code}${end.reason === '' ? '' : `, "${end.reason}"`}`;
  const others = unread.length === 0 ? 'Nothing is unread.' : `Unread, of what arrived before:`;
  return new MayflyError('MAYFLY_WEBSOCKET_CLOSED', {
    message: `The WebSocket connection to ${url} was closed ${by}${how}. ${others}`,
    output: shown(unread),
    remedy: byClient
      ? 'Await what you wait for before you close.'
      : 'Check why the server closed it; `closed` gives a test the code and the reason.',
    phase: 'run',
    cause,
  });
}

/** For a connection on which more arrived than was read. */
export function overflowError({ url, unread }: Situation): MayflyError {
  return new MayflyError('MAYFLY_MESSAGES_OVERFLOW', {
    message: `More than ${counted(unread.length, 'message')} from ${url} were not read. The last were:`,
    output: shown(unread),
    remedy: 'Read them with `next`, `collect` or a loop, or give `maxUnread` more.',
    phase: 'run',
  });
}
