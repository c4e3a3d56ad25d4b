import { MayflyError } from '../../errors/mayfly-error.ts';
import { withDeadline } from '../../service/deadline.ts';
import { pollUntilReady } from '../../service/poll.ts';
import { Background } from '../background.ts';
import { askHealth } from '../control.ts';
import { answer, ms, say } from '../output.ts';

export interface WaitFlags {
  readonly json?: boolean;
  readonly timeout: string;
}

/** `mayfly wait`: returns when the service is healthy. */
export async function wait(service: string, { json, timeout }: WaitFlags): Promise<number> {
  const limit = Number(timeout);
  if (!Number.isFinite(limit) || limit <= 0) {
    throw new MayflyError('MAYFLY_USAGE', {
      message: `--timeout is "${timeout}", and must be a number of milliseconds above 0.`,
      remedy: '`mayfly wait --help` shows how.',
      phase: 'configure',
    });
  }
  const begun = performance.now();
  const background = await Background.open();
  let reason = 'it is still starting';
  const deadline = { ms: limit, signal: new AbortController().signal, expired: () => late(service, limit, reason) };
  await withDeadline(deadline, (signal) =>
    pollUntilReady(() => assertHealthy(background, service), {
      signal,
      onFailure: (error) => {
        if (error instanceof MayflyError) {
          throw error;
        }
        reason = (error as Error).message;
      },
    }),
  );
  const duration = performance.now() - begun;
  if (json) {
    answer(JSON.stringify({ service, healthy: true, duration }));
  } else {
    say(`${service} healthy after ${ms(duration)}`);
  }
  return 0;
}

/** A MayflyError ends the wait; any other says why it goes on. */
async function assertHealthy(background: Background, service: string): Promise<void> {
  const { session, keeper } = background;
  if (session === undefined) {
    throw keeper === undefined ? background.notRunning() : new Error('the environment is still starting');
  }
  const { services } = await askHealth(session.directory);
  const health = services[service];
  if (health === undefined) {
    throw new MayflyError('MAYFLY_SERVICE_UNKNOWN', {
      message: `There is no service "${service}"; there are ${Object.keys(services).join(', ')}.`,
      remedy: 'Name one of these.',
      service,
      phase: 'run',
    });
  }
  if (!health.healthy) {
    throw new Error(health.reason);
  }
}

function late(service: string, limit: number, reason: string): MayflyError {
  return new MayflyError('MAYFLY_WAIT_TIMEOUT', {
    message: `Service "${service}" was not healthy within ${limit} ms: ${reason}.`,
    remedy: '`mayfly status` says more; --timeout sets the limit.',
    service,
    phase: 'check',
  });
}
