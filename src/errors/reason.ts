import { MayflyError } from './mayfly-error.ts';

/** Why something failed, in the words of whatever was thrown: for use inside another error's message, before its full stop. */
export function reasonOf(thrown: unknown): string {
  // Connection attempts to several addresses fail together, in an AggregateError that says nothing of its own.
  if (thrown instanceof AggregateError && thrown.message === '') {
    return [...new Set(thrown.errors.map(reasonOf))].join('; ');
  }
  // fetch keeps what happened to itself.
  if (thrown instanceof TypeError && thrown.message === 'fetch failed' && thrown.cause !== undefined) {
    return `fetch failed: ${reasonOf(thrown.cause)}`;
  }
  const reason = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return reason.trim().replace(/\.$/, '');
}

/** The same for a line of a list: with its full stop, and of an error of ours what happened alone. */
export function headlineOf(thrown: unknown): string {
  return thrown instanceof MayflyError ? thrown.headline : `${reasonOf(thrown)}.`;
}
