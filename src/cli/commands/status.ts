import type { Health } from '../../coordinator/health.ts';
import { reasonOf } from '../../errors/reason.ts';
import { Background } from '../background.ts';
import { askHealth } from '../control.ts';
import { answer, paint } from '../output.ts';
import { hideSecrets } from '../secrets.ts';
import { headline } from '../summary.ts';

export interface StatusFlags {
  readonly json?: boolean;
  readonly showSecrets?: boolean;
}

/** `mayfly status`: exit code 0 when everything is healthy, 1 when something is not, 3 when nothing runs. */
export async function status({ json, showSecrets }: StatusFlags): Promise<number> {
  const { session, keeper } = await Background.open();
  if (session === undefined) {
    const state = keeper === undefined ? 'stopped' : 'starting';
    answer(json ? JSON.stringify({ state }) : state);
    return 3;
  }
  const health = await askHealth(session.directory);
  const { runtime, details } = session.description;
  const shown = showSecrets ? details : hideSecrets(details);
  if (json) {
    answer(
      JSON.stringify({ state: 'running', session: session.head.id, runtime, health, details: shown }, undefined, 2),
    );
  } else {
    answer(headline(runtime));
    describe(health, shown).forEach(answer);
  }
  return health.healthy ? 0 : 1;
}

function describe({ services }: Health, details: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(services).map(([name, service]) => {
    const { url } = (details[name] ?? {}) as { readonly url?: string };
    const state = service.healthy
      ? `${paint('green', 'healthy')} ${url ?? ''}`
      : paint('red', `unhealthy: ${reasonOf(service.reason)}.`);
    return `${name.padEnd(9)} ${state}`.trimEnd();
  });
}
