import type { Ownership } from '../../service/ownership.ts';

/** On every container: the session that it belongs to. */
export const sessionLabel = 'dev.mayfly.session';

/** On every container: the name of its service. */
export const serviceLabel = 'dev.mayfly.service';

/** On every container: whose it is, so that it can be judged when the record of its session is lost. */
export const ownerLabel = 'dev.mayfly.owner';

/** Under which key the session knows the containers of a service. */
export function containersKeyOf(service: string): string {
  return `containers:${service}`;
}

/** What the containers of a session's service are found by. */
export function labelsOf(service: string, { sessionId }: Ownership): Record<string, string> {
  return { [sessionLabel]: sessionId, [serviceLabel]: service };
}

/** What a container of a session's service carries: what it is found by, and its owner where that is known. */
export function allLabelsOf(service: string, ownership: Ownership): Record<string, string> {
  const { owner } = ownership;
  return { ...labelsOf(service, ownership), ...(owner !== undefined && { [ownerLabel]: owner }) };
}

/** Labels as the daemon wants to have them in a filter. */
export function filterBy(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`);
}
