import type { PoolClient } from 'pg';
import { released } from './lease-released.ts';

/**
 * A client as one lease sees it: what somebody still asks of it when that is over is refused, since the connection may be
 * another lease's by then.
 */
export function lendClient(client: PoolClient, isOver: () => boolean): PoolClient {
  return new Proxy(client, {
    get: (target, property) => {
      if (isOver() && typeof property === 'string' && property in refusals) {
        return refusals[property];
      }
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

const nothing = (): void => {};

/** What is asked of a client too late. */
const refusals: Readonly<Record<string, unknown>> = { query: refuse, connect: refuse, release: nothing, end: nothing };

function refuse(...parameters: readonly unknown[]): Promise<never> | undefined {
  const callback = parameters.at(-1);
  if (typeof callback !== 'function') {
    return Promise.reject(released());
  }
  (callback as (error: Error) => void)(released());
  return undefined;
}
