import type { TeardownReport } from '../coordinator/teardown.ts';
import type { Span } from '../coordinator/timeline.ts';
import { ms, paint } from './output.ts';

/** What the details of a server have and those of other services may have. */
interface Place {
  readonly host?: string;
  readonly port?: number;
  readonly place?: string;
}

/** One line about the whole. */
export function headline(text: string): string {
  return line('mayfly', text);
}

/** One line for each service that says after how long it was ready, where that is known, and where it runs. */
export function summarise(details: Readonly<Record<string, unknown>>, timeline: readonly Span[] = []): string[] {
  return Object.entries(details).map(([name, detail]) => {
    const { host, port, place = '' } = (detail ?? {}) as Place;
    const duration = readyAfter(name, timeline);
    const parts = [
      duration === undefined ? '' : `${paint('green', 'ready')} in ${ms(duration).padEnd(8)}`,
      host === undefined ? '' : `${host}:${port}`.padEnd(17),
      paint('dim', place),
    ];
    return line(name, parts.filter((part) => part !== '').join('  '));
  });
}

/** What a teardown took away, and how long that took. */
export function describeTeardown({ steps, duration }: TeardownReport): string {
  const names = steps.map(({ service }) => service).join(', ');
  return headline(names === '' ? 'there was nothing to remove' : `removed ${names} in ${ms(duration)}`);
}

/** From the beginning of a service's first attempt until its check passed. */
function readyAfter(service: string, timeline: readonly Span[]): number | undefined {
  const spans = timeline.filter((span) => span.service === service);
  const first = spans.find(({ phase }) => phase === 'start');
  const passed = spans.find(({ phase, outcome }) => phase === 'check' && outcome === 'ok');
  return first && passed && passed.startedAt + passed.duration - first.startedAt;
}

function line(name: string, text: string): string {
  return `${paint('bold', name.padEnd(9))} ${text}`.trimEnd();
}
