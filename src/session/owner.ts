import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';

/** Whose a session is, also for those who come after the machine has been started again. */
export interface Owner extends ProcessIdentity {
  /** Which start of the machine it runs on; `undefined` where the system does not tell. */
  readonly boot?: string | undefined;
  /** In which its number counts: another container on the same machine numbers its own. */
  readonly namespace?: string | undefined;
}

/** This process as an owner. */
export function ownOwner(): Owner {
  return { pid: process.pid, startTime: identify(process.pid)?.startTime, ...whereWeRun() };
}

/** Whether an owner still runs; `unknown` where that can only be seen from inside another container. */
export function presenceOf(owner: Owner): 'running' | 'gone' | 'unknown' {
  const here = whereWeRun();
  if (differ(owner.boot, here.boot)) {
    return 'gone';
  }
  if (differ(owner.namespace, here.namespace)) {
    return 'unknown';
  }
  return isRunning(owner) ? 'running' : 'gone';
}

/** Where the system tells both. */
function differ(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

/** An owner among those of other machines and users, by which a daemon that serves all of them tells whose things are. */
export interface GlobalOwner extends Owner {
  readonly machine: string;
  /** The number of the user; `undefined` where the system has none. */
  readonly user?: number | undefined;
}

export function globalOwner(): GlobalOwner {
  return { ...ownOwner(), machine: hostname(), user: process.getuid?.() };
}

/** Whether this text names an owner on this machine and of this user, who has gone. */
export function isOursAndGone(text: string): boolean {
  try {
    const owner = globalOwnerSchema.parse(JSON.parse(text));
    const here = globalOwner();
    return owner.machine === here.machine && owner.user === here.user && presenceOf(owner) === 'gone';
  } catch {
    return false;
  }
}

export const ownerSchema: z.ZodType<Owner> = z.object({
  pid: z.int(),
  startTime: z.string().optional(),
  boot: z.string().optional(),
  namespace: z.string().optional(),
});

const globalOwnerSchema: z.ZodType<GlobalOwner> = z.intersection(
  ownerSchema,
  z.object({ machine: z.string(), user: z.int().optional() }),
);

/** On Linux boot_id of random(4) and the name that namespaces(7) gives; elsewhere there is one namespace. */
function whereWeRun(): Pick<Owner, 'boot' | 'namespace'> {
  return {
    boot: orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    namespace: orNothing(() => readlinkSync('/proc/self/ns/pid')),
  };
}

function orNothing(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
