import { join } from 'node:path';
import type { Finished, Running } from '../../fixtures/cli/running.ts';
import type { Trial } from '../trial.ts';

const program = join(import.meta.dirname, '..', 'programs', 'victim.ts');

/** A program that starts an environment, uses it and takes it away. */
export class Victim {
  readonly running: Running;

  constructor({ home, variables }: Pick<Trial, 'home' | 'variables'>, ...parameters: readonly string[]) {
    this.running = home.project.spawn(process.execPath, [program, ...parameters], { env: { ...variables } });
  }

  /** Resolves when it begins with this. */
  async begins(phase: 'start' | 'held' | 'teardown'): Promise<void> {
    await this.running.printed(new RegExp(`"phase":"${phase}"`));
  }

  /** What it does now. */
  get phase(): string {
    return [...this.running.text('stdout').matchAll(/"phase":"(\w+)"/g)].at(-1)?.[1] ?? 'load';
  }

  /** Its session; once it has begun to run. */
  get session(): string {
    return this.#said('session');
  }

  /** Where a server runs, as `details.place` says; once it has begun to run. */
  placeOf(service: 'postgres' | 'redis'): string {
    return this.#said(service);
  }

  #said(name: string): string {
    return new RegExp(`"${name}":"([^"]*)"`).exec(this.running.text('stdout'))?.[1] ?? '';
  }
}

/** How a process ended, as its parent sees it; with the code of the first error that it printed. */
export function describeEnd({ exitCode, signal, stdout, stderr }: Finished): string {
  const [code] = /MAYFLY_[A-Z_]+(?=[ ':])/.exec(`${stderr}${stdout}`) ?? [];
  const where = stdout.includes('"refused"') ? ['in a statement of a test'] : [];
  return [signal ?? `exit ${exitCode}`, ...(code === undefined ? (signal === null ? where : []) : [code])].join(' ');
}
