import type { Redis } from 'ioredis';
import type { TenantId } from './identifiers.ts';

export interface TenantCache {
  /** What is cached under this name, else what `load` gives, which is cached from then on. */
  readonly remember: <Value>(tenantId: TenantId, name: string, load: () => Promise<Value>) => Promise<Value>;
  /** Forgets everything of one tenant, and nothing of any other. */
  readonly forget: (tenantId: TenantId) => Promise<void>;
}

const secondsKept = 3_600;

/**
 * A cache in which every tenant has a space of its own. To forget is to begin another generation: what somebody loaded
 * before and writes after is in the old one, where nobody looks.
 */
export function tenantCache(redis: Redis): TenantCache {
  const generationKey = (tenantId: TenantId): string => `tenant:${tenantId}:generation`;
  return {
    async remember<Value>(tenantId: TenantId, name: string, load: () => Promise<Value>): Promise<Value> {
      const generation = (await redis.get(generationKey(tenantId))) ?? '0';
      const key = `tenant:${tenantId}:${generation}:${name}`;
      const cached = await redis.get(key);
      if (cached !== null) {
        return JSON.parse(cached) as Value;
      }
      const value = await load();
      await redis.set(key, JSON.stringify(value), 'EX', secondsKept);
      return value;
    },
    async forget(tenantId: TenantId): Promise<void> {
      await redis.incr(generationKey(tenantId));
    },
  };
}
