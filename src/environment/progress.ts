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
