import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf } from '../fixtures/cli/leftovers.ts';
import { Project } from '../fixtures/cli/project.ts';
import { containersOf, networksOf, removeContainersOf } from '../fixtures/harness/docker-leftovers.ts';
import { sharedMemory } from '../fixtures/harness/leftovers.ts';
import { listProcesses } from '../fixtures/harness/processes.ts';
import type { ChaosRuntime } from './runtimes.ts';

/** A place of its own for one round, so that whatever is left in it, or carries its name, is of this round. */
export class Home {
  readonly project: Project;
  readonly #hasContainers: boolean;
  readonly #since = Date.now();
  /** Whoever may have made shared memory. */
  readonly #servers = new Set<number>();
  readonly #kept: AsyncDisposable[] = [];

  private constructor(project: Project, runtime: ChaosRuntime) {
    this.project = project;
    this.#hasContainers = runtime === 'docker';
  }

  static async make(runtime: ChaosRuntime): Promise<Home> {
    return new Home(await Project.create(runtime === 'docker' ? 'docker' : 'embedded'), runtime);
  }

  /** Keeps something until the round is over, as the reaper may need it for longer than the run. */
  keep(thing: AsyncDisposable): void {
    this.#kept.push(thing);
  }

  /** Remembers who runs: of a server that was not written down nothing else would tell whose shared memory is left. */
  look(): void {
    this.project.processes().forEach(({ pid }) => this.#servers.add(pid));
  }

  /** Whether a session is still written down: then there is no need to look for more, as its record goes last. */
  get hasRecords(): boolean {
    return entriesOf(join(this.project.state, 'sessions')).length > 0;
  }

  /** Everything that is left of the round, each in words. */
  async leftovers(): Promise<string[]> {
    const { project } = this;
    const found = [
      ...project.leftovers(),
      ...(await project.distantLeftovers()),
      ...sharedMemory(this.#servers, this.#since),
      ...this.#heirs(),
      ...(this.#hasContainers ? await containersOf(project.sessions) : []),
      ...(this.#hasContainers ? await networksOf(project.sessions) : []),
    ];
    return [...new Set(found)];
  }

  /** Takes everything away itself, that the next round may begin. */
  async remove(): Promise<void> {
    if (this.#hasContainers) {
      await removeContainersOf(this.project.sessions);
    }
    this.project.endProcesses();
    await Promise.all(this.#kept.map((thing) => thing[Symbol.asyncDispose]()));
    await this.project.remove();
  }

  /** The processes that were given this place's variables, wherever they work. */
  #heirs(): string[] {
    return listProcesses()
      .filter(({ pid }) => this.#isHeir(pid))
      .map(({ pid, command }) => `process ${pid}: ${command}`);
  }

  #isHeir(pid: number): boolean {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .includes(`MAYFLY_STATE_DIR=${this.project.state}`);
    } catch {
      // It has ended, or is somebody else's.
      return false;
    }
  }
}
