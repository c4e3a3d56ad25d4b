import type { Pool } from 'pg';
import { UnknownName, violates } from './errors.ts';
import { templateNames } from './templates.ts';

export interface Schedule {
  readonly name: string;
  readonly template: string;
  readonly everySeconds: number;
  readonly nextRunAt: Date;
  readonly paused: boolean;
}

const columns = `name, template, every_seconds AS "everySeconds", next_run_at AS "nextRunAt", paused`;

export class Schedules {
  readonly #db: Pool;

  constructor(db: Pool) {
    this.#db = db;
  }

  /** @throws UnknownName, which names those that there are. */
  async find(name: string): Promise<Schedule> {
    const { rows } = await this.#db.query<Schedule>(`SELECT ${columns} FROM schedule WHERE name = $1`, [name]);
    const [schedule] = rows;
    if (schedule === undefined) {
      const all = await this.#db.query<{ name: string }>('SELECT name FROM schedule');
      throw new UnknownName(
        'schedule',
        name,
        all.rows.map(({ name }) => name),
      );
    }
    return schedule;
  }

  /**
   * Creates it where it is missing; one that is there stays as it is.
   *
   * @throws UnknownName where there is no such template.
   */
  async ensure({ name, template, everySeconds, nextRunAt, paused }: Schedule): Promise<Schedule> {
    try {
      await this.#db.query(
        `INSERT INTO schedule (name, template, every_seconds, next_run_at, paused) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING`,
        [name, template, everySeconds, nextRunAt, paused],
      );
    } catch (error) {
      throw violates(error, 'schedule_template')
        ? new UnknownName('template', template, await templateNames(this.#db))
        : error;
    }
    return this.find(name);
  }

  /** One that is paused is not due, however long its time is past. */
  async setPaused(name: string, paused: boolean): Promise<void> {
    await this.find(name);
    await this.#db.query('UPDATE schedule SET paused = $2 WHERE name = $1', [name, paused]);
  }
}
