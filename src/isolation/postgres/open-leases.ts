import type { LeaseSettings } from '../../config/settings.ts';
import type { PostgresDetails } from '../../connection/details.ts';
import { divideConnections } from './budget.ts';
import type { LeasePlan } from './lease-plan.ts';
import { PostgresLeases } from './postgres-leases.ts';
import { Registry } from './registry/registry.ts';
import { findTemplate } from './registry/template-registry.ts';
import { readServerFacts, type ServerFacts } from './server/server-facts.ts';
import { ensureTemplate } from './template/ensure-template.ts';
import { templateName } from './template/template-name.ts';

/** The first version whose counts of what was written are complete when a session has ended. */
const countsAreComplete = 150_000;

/** What is to be in the database of every lease. */
export interface TemplateContent {
  /** Digests of everything that goes into it, in order. */
  readonly digests: readonly string[];
  /** Whether the digests say all there is to say, so that other runs may use it too. */
  readonly isShared: boolean;
  /** Fills the database. */
  build(postgres: PostgresDetails, signal: AbortSignal): Promise<void>;
}

/** What databases are handed out from. */
export interface LeaseSource {
  readonly session: string;
  /** The server, with its own user. */
  readonly server: PostgresDetails;
  readonly settings: LeaseSettings;
  readonly content: TemplateContent;
  readonly signal: AbortSignal;
  /** Tells the user about something unusual. */
  readonly note: (message: string) => void;
}

/** Leases of databases, and the plan by which other processes of the run take theirs. */
export interface OpenedLeases {
  readonly leases: PostgresLeases;
  readonly plan: LeasePlan;
}

/**
 * Makes a server ready to hand out databases: its registry, its budget and its template.
 *
 * @throws MayflyError `MAYFLY_POSTGRES_UNREACHABLE`, `MAYFLY_BUDGET_TOO_SMALL`, `MAYFLY_TEMPLATE_TIMEOUT`; whatever the
 * content's `build` throws.
 */
export async function openLeases({
  session,
  server,
  settings,
  content,
  signal,
  note,
}: LeaseSource): Promise<OpenedLeases> {
  const registry = await Registry.open(server, session);
  try {
    const facts = await readServerFacts(registry.connection);
    const access = accessOf(facts, settings);
    const canRecycle = access === 'member' && facts.version >= countsAreComplete;
    const mode = settings.mode === 'recycle' && !canRecycle ? 'clone' : settings.mode;
    const wanted = mode === 'transaction' ? { ...settings, connections: 1 } : settings;
    const plan: LeasePlan = {
      session,
      server,
      template: templateName({
        ...facts,
        owner: access === 'own' ? server.user : undefined,
        content: content.digests,
      }),
      mode,
      access,
      canRecycle,
      // Of a server that keeps its data on a disk it would ask for all that is not written yet, before and after.
      strategy: server.runtime !== 'external' && facts.version >= countsAreComplete ? 'FILE_COPY' : undefined,
      budget: divideConnections(facts, wanted, { keepsOne: mode === 'recycle' }),
      ready: settings.ready ?? settings.workers * settings.concurrency + 1,
      poolTimeout: settings.poolTimeout,
    };
    const { template } = plan;
    const { isShared } = content;
    const build = (postgres: PostgresDetails, bounded: AbortSignal): Promise<void> => content.build(postgres, bounded);
    const { isSuperuser } = facts;
    const baseline = await ensureTemplate({ server, registry, template, isShared, isSuperuser, signal, note, build });
    return { leases: new PostgresLeases(plan, baseline, registry), plan };
  } catch (error) {
    await registry.close();
    throw error;
  }
}

/**
 * Takes databases in another process of a run, by the plan of the one that opened them.
 *
 * @throws MayflyError `MAYFLY_POSTGRES_UNREACHABLE`.
 */
export async function joinLeases(plan: LeasePlan): Promise<PostgresLeases> {
  const registry = await Registry.open(plan.server, plan.session);
  try {
    return new PostgresLeases(plan, (await findTemplate(registry, plan.template)) ?? nothing, registry);
  } catch (error) {
    await registry.close();
    throw error;
  }
}

/** Of a template that has gone: copying it will say so. */
const nothing = { tables: [], sequences: [], references: [], estimates: [], isLasting: true };

function accessOf({ isSuperuser }: ServerFacts, { superuser }: LeaseSettings): LeasePlan['access'] {
  if (!isSuperuser) {
    return 'own';
  }
  return superuser ? 'superuser' : 'member';
}
