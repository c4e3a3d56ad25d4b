import type { TimelineEvent } from '../coordinator/timeline.ts';

/** What happens while an environment starts and stops. */
export type ProgressEvent =
  | TimelineEvent
  /** Where servers will run, and why. */
  | { readonly type: 'runtime'; readonly reason: string }
  /** Something slow or unusual. */
  | { readonly type: 'note'; readonly message: string };
