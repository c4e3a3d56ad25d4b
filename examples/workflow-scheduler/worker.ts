import type { Pool } from 'pg';
import { delayAfter, type Backoff } from './backoff.ts';
import { later, type Clock } from './clock.ts';
import { UnknownName } from './errors.ts';
import { claimStep, settle, type ClaimedStep, type Outcome } from './steps.ts';

/** What an action is told. */
export interface Task {
  readonly run: string;
  readonly schedule: string;
  /** 1 for the first. */
  readonly attempt: number;
}

export type Actions = Readonly<Record<string, (task: Task) => Promise<void>>>;

export interface WorkerOptions {
  readonly now: Clock;
  readonly actions: Actions;
  readonly backoff: Backoff;
  /** After which somebody who works on a step is given up for lost, in milliseconds. */
  readonly patience?: number;
}

/** What came of one attempt at a step: `superseded` where it was taken for lost, and another did it. */
export interface Attempted extends Task {
  readonly action: string;
  readonly outcome: Outcome['kind'] | 'superseded';
}

/** Does the steps whose turn it is. There may be any number of these, in any number of processes. */
export class Worker {
  readonly #db: Pool;
  readonly #options: WorkerOptions;

  constructor(db: Pool, options: WorkerOptions) {
    this.#db = db;
    this.#options = options;
  }

  /** One attempt at one step, or `undefined` where there is nothing to do. */
  async work(): Promise<Attempted | undefined> {
    const { now, patience = 60_000 } = this.#options;
    const begun = now();
    const step = await claimStep(this.#db, begun, later(begun, patience));
    if (step === undefined) {
      return undefined;
    }
    const outcome = await this.#attempt(step);
    const counts = await settle(this.#db, step, outcome, now());
    const { run, schedule, attempt, action } = step;
    return { run, schedule, attempt, action, outcome: counts ? outcome.kind : 'superseded' };
  }

  /** Until there is nothing to do at this time. */
  async drain(): Promise<readonly Attempted[]> {
    const all: Attempted[] = [];
    for (let one = await this.work(); one !== undefined; one = await this.work()) {
      all.push(one);
    }
    return all;
  }

  async #attempt(step: ClaimedStep): Promise<Outcome> {
    const { actions, backoff, now } = this.#options;
    const { run, schedule, attempt, maxAttempts } = step;
    if (attempt > maxAttempts) {
      return { kind: 'failed', error: 'Whoever made the last attempt was not heard of again.' };
    }
    try {
      const action = actions[step.action];
      if (action === undefined) {
        throw new UnknownName('action', step.action, Object.keys(actions));
      }
      await action({ run, schedule, attempt });
      return { kind: 'succeeded' };
    } catch (failure) {
      const error = failure instanceof Error ? failure.message : String(failure);
      return attempt === maxAttempts || failure instanceof UnknownName
        ? { kind: 'failed', error }
        : { kind: 'retried', error, nextAttemptAt: later(now(), delayAfter(attempt, backoff)) };
    }
  }
}
