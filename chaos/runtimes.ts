import { isMissing } from '../fixtures/harness/runtimes.ts';

/** The runtimes on which there is something to break. */
export const chaosRuntimes = ['docker', 'embedded', 'external'] as const;

export type ChaosRuntime = (typeof chaosRuntimes)[number];

/** Whether this machine lacks what a runtime needs; external servers are embedded ones of ours. */
export function lacks(runtime: ChaosRuntime): Promise<boolean> {
  return isMissing(runtime === 'external' ? 'embedded' : runtime);
}
