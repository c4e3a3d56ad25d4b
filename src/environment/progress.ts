import type { Logger } from 'pino';
import type { TimelineEvent } from '../coordinator/timeline.ts';

/** What happens while an environment starts and stops. */
export type ProgressEvent =
  | TimelineEvent
  /** Where servers will run, and why. */
  | { readonly type: 'runtime'; readonly reason: string }
  /** Something slow or unusual. */
  | { readonly type: 'note'; readonly message: string };

/** An observer that has no say in what it observes: a step must not fail, or its result be lost, because it throws. */
export function unobtrusive(observe: (event: ProgressEvent) => void): (event: ProgressEvent) => void {
  return (event) => {
    try {
      observe(event);
    } catch {
      // Nobody asked for its opinion.
    }
  };
}

/** Writes what happened to a log: where servers run and what is unusual at `info`, each step at `debug`. */
export function logProgress(log: Logger, event: ProgressEvent): void {
  if (event.type === 'end') {
    log.debug(event.span, `${event.span.phase} ${event.span.outcome}`);
  } else if (event.type !== 'begin') {
    log.info(event.type === 'runtime' ? event.reason : event.message);
  }
}
