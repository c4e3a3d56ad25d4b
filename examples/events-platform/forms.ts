import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { Cache } from './cache.ts';
import { Refusal } from './errors.ts';
import type { EventStore } from './event-store.ts';
import type { StoredEvent } from './event.ts';
import type { Mailer } from './mailer.ts';

export const formDraft = z.strictObject({
  title: z.string().min(1),
  owner: z.email(),
  questions: z.array(z.string().min(1)).min(1),
});

export const answers = z.record(z.string(), z.string().min(1));

type FormDraft = z.infer<typeof formDraft>;
type Answers = z.infer<typeof answers>;

export interface Form extends FormDraft {
  readonly id: string;
  /** The event of its creation. */
  readonly created: string;
  readonly submissions: number;
}

interface Services {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly cache: Cache;
  readonly mailer: Mailer;
}

/** Forms, and what is submitted to them. Each step is an event that refers to the one before. */
export class Forms {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  async create({ title, owner, questions }: FormDraft): Promise<{ id: string; event: StoredEvent }> {
    const id = randomUUID();
    return this.#services.store.write(async ({ tx, append }) => {
      const event = await append({ aggregate: `form:${id}`, type: 'form.created', payload: { title } });
      await tx.query('INSERT INTO form (id, title, owner, questions, created) VALUES ($1, $2, $3, $4, $5)', [
        id,
        title,
        owner,
        questions,
        event.id,
      ]);
      return { id, event };
    });
  }

  async find(id: string): Promise<Form> {
    return this.#services.cache.remember(`form:${id}`, async () => this.#load(id));
  }

  async submit(id: string, given: Answers): Promise<{ id: string; event: StoredEvent; notified: boolean }> {
    const { store, cache } = this.#services;
    const form = await this.find(id);
    const unanswered = form.questions.filter((question) => given[question] === undefined);
    if (unanswered.length > 0) {
      throw new Refusal('invalid', `There is no answer to: ${unanswered.join(', ')}`);
    }
    const submission = randomUUID();
    const event = await store.write(async ({ tx, append }) => {
      const submitted = await append({
        aggregate: `submission:${submission}`,
        type: 'form.submitted',
        payload: { form: id },
        refersTo: form.created,
      });
      await tx.query('INSERT INTO submission (id, form, answers, submitted) VALUES ($1, $2, $3, $4)', [
        submission,
        id,
        given,
        submitted.id,
      ]);
      return submitted;
    });
    await cache.forget(`form:${id}`);
    return { id: submission, event, notified: await this.#notify(form, event) };
  }

  /** A submission counts whether or not somebody could be told of it; which of the two it was is an event as well. */
  async #notify({ owner, title }: Form, { id, aggregate }: StoredEvent): Promise<boolean> {
    const { mailer, store } = this.#services;
    const letter = { to: owner, subject: `New answers: ${title}`, text: 'Somebody has filled in your form.' };
    const notified = await mailer.send(letter, id).then(
      () => true,
      () => false,
    );
    await store.publish({ aggregate, type: notified ? 'owner.notified' : 'owner.unreachable', refersTo: id });
    return notified;
  }

  async #load(id: string): Promise<Form> {
    const { rows } = await this.#services.pool.query<Form>(
      `SELECT id, title, owner, questions, created,
          (SELECT count(*)::int FROM submission WHERE form = form.id) AS submissions
        FROM form WHERE id = $1`,
      [id],
    );
    const [form] = rows;
    if (form === undefined) {
      throw new Refusal('unknown-form', `There is no form ${id}.`);
    }
    return form;
  }
}
