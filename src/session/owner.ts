import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { identify, isRunning, type ProcessIdentity } from '../system/process-identity.ts';

/** Whose a session is, also for those who come after the machine has been started again. */
export interface Owner extends ProcessIdentity {
  /** Which machine it runs on, as others may share the directory with the records; `undefined` where none is told. */
  readonly installation?: string | undefined;
  /** Which start of the machine it runs on; `undefined` where the system does not tell. */
  readonly boot?: string | undefined;
  /** In which its number counts: another container on the same machine numbers its own. */
  readonly namespace?: string | undefined;
}

/** This process as an owner. */
export function ownOwner(): Owner {
  return { pid: process.pid, startTime: identify(process.pid)?.startTime, ...whereWeRun() };
}

/** Whether an owner still runs; `unknown` where that can only be seen from another machine, or inside another container. */
export function presenceOf(owner: Owner): 'running' | 'gone' | 'unknown' {
  const here = whereWeRun();
  if (differ(owner.installation, here.installation)) {
    return 'unknown';
  }
  if (differ(owner.boot, here.boot)) {
    return 'gone';
  }
  if (differ(owner.namespace, here.namespace)) {
    return 'unknown';
  }
  return isRunning(owner) ? 'running' : 'gone';
}

/** Whether it ran before the machine was started again: no process of its time runs, and their numbers are others' now. */
export function ranBefore(owner: Owner): boolean {
  return differ(owner.boot, whereWeRun().boot);
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
  installation: z.string().optional(),
  boot: z.string().optional(),
  namespace: z.string().optional(),
});

const globalOwnerSchema: z.ZodType<GlobalOwner> = z.intersection(
  ownerSchema,
  z.object({ machine: z.string(), user: z.int().optional() }),
);

/** On Linux machine-id(5), boot_id of random(4) and the name that namespaces(7) gives; elsewhere there is one namespace. */
function whereWeRun(): Pick<Owner, 'installation' | 'boot' | 'namespace'> {
  return {
    installation: orNothing(() => hashOf(readFileSync('/etc/machine-id', 'utf8').trim())),
    boot: orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    namespace: orNothing(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/** What machine-id(5) asks for, since labels show it to others; of an empty one, as images have it, nothing. */
function hashOf(id: string): string {
  return id === '' ? '' : createHash('sha256').update(`mayfly ${id}`).digest('hex').slice(0, 16);
}

function orNothing(read: () => string): string | undefined {
  try {
    return read() || undefined;
  } catch {
    return undefined;
  }
}
