import type { Service } from '../service/service.ts';
import { connectionOf } from '../service/shared-connection.ts';

/** Names the dependency whose connection the service should share and does not; `undefined` where all is well. */
export function notShared(service: Service, values: ReadonlyMap<string, unknown>): string | undefined {
  const own = connectionOf(values.get(service.name));
  if (own === undefined) {
    return undefined;
  }
  const needed = Object.values(service.dependsOn).map(({ name }) => name);
  return needed.find((name) => ![undefined, own].includes(connectionOf(values.get(name))));
}
