import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { threadId } from 'node:worker_threads';
import type { z } from 'zod';
import { readProcessEnv } from '../config/process-env.ts';

/** What no two rows may have in common. */
export interface Unique {
  /** A new identifier of this kind. */
  readonly id: <Kind extends z.ZodType>(kind: Kind) => z.output<Kind>;
  /** What makes a slug, an address or a number unlike all others: lower-case letters, digits and dashes. */
  readonly suffix: () => string;
}

/**
 * Without a seed, unlike anything that another worker, process or run makes. With one, the same each time: two that have
 * the same seed and write to the same database get in each other's way.
 */
export function uniqueParts(seed?: number): Unique {
  return seed === undefined ? randomParts() : seededParts(seed);
}

function randomParts(): Unique {
  const { vitestWorker } = readProcessEnv();
  // The worker is for people, who find in a row which of them wrote it; the bytes are what makes it unique.
  const worker = (vitestWorker ?? `${process.pid}${threadId === 0 ? '' : `t${threadId}`}`).replaceAll(/\W/g, '');
  const source = randomBytes(5).toString('hex');
  let count = 0;
  return {
    id: (kind) => kind.parse(randomUUID()),
    suffix: () => `${worker.toLowerCase()}-${source}-${(count += 1)}`,
  };
}

function seededParts(seed: number): Unique {
  let count = 0;
  const next = (kind: string): string => {
    count += 1;
    return createHash('sha256').update(`${kind} ${count} of ${seed}`).digest('hex');
  };
  return {
    id: (kind) => kind.parse(asUuid(next('id'))),
    suffix: () => next('suffix').slice(0, 12),
  };
}

/** RFC 9562, version 8: what the bits say is the maker's own affair. */
function asUuid(hex: string): string {
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-');
}
