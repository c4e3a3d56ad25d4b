import { stopService, type StopStep } from '../../coordinator/stop-service.ts';
import type { TeardownReport } from '../../coordinator/teardown.ts';
import { failuresOf } from '../../coordinator/teardown.ts';
import { TeardownError } from '../../errors/mayfly-error.ts';
import { defineService } from '../../service/define-service.ts';
import type { LeaseOffice } from './lease-office.ts';

/** How much of the time for a whole teardown the leases may take. */
const share = 0.5;

/**
 * Closes the leases, then carries out the rest of a teardown, whatever became of them.
 *
 * @throws TeardownError when steps failed, after all of them were carried out.
 */
export async function stopLeasesFirst(
  office: LeaseOffice,
  stopRest: () => Promise<TeardownReport>,
): Promise<TeardownReport> {
  const step = office.isUsed ? await closeOffice(office) : undefined;
  const rest = await stopRest().catch((error: unknown) => {
    if (error instanceof TeardownError) {
      return error.report as TeardownReport;
    }
    throw error;
  });
  const steps = step?.error === undefined ? rest.steps : [step, ...rest.steps];
  const report = { steps, duration: (step?.duration ?? 0) + rest.duration };
  const failures = failuresOf(report);
  if (failures.length > 0) {
    throw new TeardownError(failures, report);
  }
  return report;
}

function closeOffice(office: LeaseOffice): Promise<StopStep> {
  const { shared, timeline, teardownTimeout } = office.options;
  const service = defineService({ name: 'leases', start: () => office, stop: () => office.close() });
  return stopService(service, office, { ms: teardownTimeout * share, shared, timeline });
}
