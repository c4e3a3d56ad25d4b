import { MayflyError } from '../errors/mayfly-error.ts';
import { reasonOf } from '../errors/reason.ts';
import { withDeadline } from '../service/deadline.ts';
import type { Service, SharedContext } from '../service/service.ts';
import { notShared } from './shared-connection.ts';
import type { Timeline } from './timeline.ts';

/** Whether one service is healthy, and if not, why. */
export type ServiceHealth =
  | { readonly healthy: true; readonly duration: number }
  | { readonly healthy: false; readonly duration: number; readonly reason: string };

/** Whether the whole is healthy, and every service by name. */
export interface Health {
  readonly healthy: boolean;
  readonly services: Readonly<Record<string, ServiceHealth>>;
}

/**
 * Asks every started service at the same time, each within its check deadline, and sees whether it shares the connection
 * of what it depends on, where both say which they have. Never throws: health is an answer.
 */
export async function checkHealth(
  services: readonly Service[],
  values: ReadonlyMap<string, unknown>,
  {
    signal,
    shared,
    timeline,
    isStopped,
  }: {
    readonly signal: AbortSignal;
    readonly shared: SharedContext;
    readonly timeline: Timeline;
    readonly isStopped: boolean;
  },
): Promise<Health> {
  const ask = async (service: Service): Promise<[string, ServiceHealth]> => {
    const begun = performance.now();
    const took = (): number => performance.now() - begun;
    if (isStopped || !values.has(service.name)) {
      return [service.name, { healthy: false, duration: 0, reason: isStopped ? 'stopped' : 'not started' }];
    }
    const ms = service.timeouts.check;
    const deadline = { ms, signal, expired: () => noAnswer(service.name, ms) };
    try {
      await timeline.measure({ service: service.name, phase: 'health', attempt: 1 }, () =>
        withDeadline(deadline, (bounded) => service.check(values.get(service.name), { ...shared, signal: bounded })),
      );
      const other = notShared(service, values);
      if (other !== undefined) {
        return [service.name, { healthy: false, duration: took(), reason: `holds another connection than "${other}"` }];
      }
      return [service.name, { healthy: true, duration: took() }];
    } catch (error) {
      return [service.name, { healthy: false, duration: took(), reason: reasonOf(error) }];
    }
  };
  const answers = await Promise.all(services.map(ask));
  return { healthy: answers.every(([, { healthy }]) => healthy), services: Object.fromEntries(answers) };
}

function noAnswer(service: string, ms: number): MayflyError {
  return new MayflyError('MAYFLY_SERVICE_NOT_READY', {
    message: `The check of service "${service}" did not answer within ${ms} ms.`,
    remedy: 'Find out what it waits for, or raise timeouts.check.',
    service,
    phase: 'check',
  });
}
