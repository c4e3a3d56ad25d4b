import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment, EnvironmentDefinition } from 'mayfly';
import { findDocker, type Docker } from './images.ts';
import { runProcess, type ProcessResult } from './run-process.ts';

const mayflyMain = join(import.meta.dirname, '..', 'dist', 'cli', 'main.js');

/** Variables of Mayfly's that say something about this machine; the others would change what is measured. */
const kept = new Set(['MAYFLY_REDIS_BINARY', 'MAYFLY_CACHE_DIR', 'MAYFLY_DATA_DIR']);

/** A private place to measure in. Whatever was started in it goes with it, even where a program died half-way. */
export class Workbench implements AsyncDisposable {
  readonly docker: Docker;
  /** Private to this run, though other users may enter. */
  readonly directory: string;
  /** On every container of a peer, as `name=value`. */
  readonly label: string = `dev.mayfly.bench=${process.pid}-${Date.now()}`;
  readonly #cleanups = new AsyncDisposableStack();
  #signal: AbortSignal | undefined;

  private constructor(directory: string, docker: Docker, signal: AbortSignal) {
    this.directory = directory;
    this.docker = docker;
    this.#signal = signal;
    this.#cleanups.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));
    this.#cleanups.defer(() => this.#assertNothingIsLeft());
    this.#cleanups.defer(() => this.#removeContainers());
  }

  static async open(signal: AbortSignal): Promise<Workbench> {
    const docker = await findDocker(signal);
    const directory = await mkdtemp(join(tmpdir(), 'mayfly-bench-'));
    // Some programs run as nobody.
    await chmod(directory, 0o755);
    setVariables(join(directory, 'state'), docker);
    return new Workbench(directory, docker, signal);
  }

  /** Starts an environment in this process, which goes with the bench. */
  async environment<const Definition extends EnvironmentDefinition>(
    definition: Definition,
    runtime: 'docker' | 'embedded',
  ): Promise<Environment<Definition>> {
    const { startEnvironment } = await import('mayfly');
    const environment = await startEnvironment(definition as EnvironmentDefinition, { runtime, handleSignals: false });
    this.defer(() => environment.stop());
    return environment;
  }

  /** A new empty directory, which other users may enter. */
  async makeDirectory(): Promise<string> {
    const directory = await mkdtemp(join(this.directory, 'work-'));
    await chmod(directory, 0o755);
    return directory;
  }

  /** Does this at the end, what was said last first. */
  defer(cleanup: () => Promise<unknown>): void {
    this.#cleanups.defer(async () => void (await cleanup()));
  }

  /** Runs a process to its end, or to the end of the bench. */
  async run(command: string, ...parameters: string[]): Promise<ProcessResult> {
    return runProcess(command, parameters, { signal: this.#signal });
  }

  /** Runs a program of the bench's, which prints what it measured as JSON. */
  async program<Result>(
    file: string,
    parameters: readonly string[],
    variables: NodeJS.ProcessEnv = {},
  ): Promise<Result> {
    const env = { ...process.env, ...variables };
    const options = { cwd: this.directory, env, signal: this.#signal };
    const { stdout } = await runProcess(process.execPath, [file, ...parameters], options);
    return JSON.parse(stdout) as Result;
  }

  /** Runs Mayfly's command line in this directory: a whole process. */
  async mayfly(cwd: string, ...parameters: string[]): Promise<ProcessResult> {
    return runProcess(process.execPath, [mayflyMain, ...parameters], { cwd, signal: this.#signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What cleans up is not to be given up with the rest.
    this.#signal = undefined;
    await this.#cleanups.disposeAsync();
  }

  async #removeContainers(): Promise<void> {
    if (!this.docker.usable) {
      return;
    }
    const labels = (await this.#leftSessions()).map((session) => `dev.mayfly.session=${session}`);
    for (const label of [this.label, ...labels]) {
      const { stdout } = await this.run('docker', 'ps', '--all', '--quiet', '--filter', `label=${label}`);
      const containers = stdout.split('\n').filter((id) => id !== '');
      if (containers.length > 0) {
        await this.run('docker', 'rm', '--force', '--volumes', ...containers);
      }
    }
  }

  /** Plain processes that a Mayfly left behind are for whoever looks into that: its record says what they are. */
  async #assertNothingIsLeft(): Promise<void> {
    for (const session of await this.#leftSessions()) {
      const record = await readFile(join(this.#sessions, session, 'manifest.jsonl'), 'utf8');
      console.error(`Mayfly left something behind. Its record of session ${session}:\n${record}`);
      process.exitCode = 1;
    }
  }

  /** A Mayfly that has taken everything away leaves no record. */
  async #leftSessions(): Promise<readonly string[]> {
    return readdir(this.#sessions).catch(() => []);
  }

  get #sessions(): string {
    return join(this.directory, 'state', 'sessions');
  }
}

/** For this process and those that it starts. */
function setVariables(stateDirectory: string, docker: Docker): void {
  for (const name of Object.keys(process.env).filter((found) => found.startsWith('MAYFLY_') && !kept.has(found))) {
    Reflect.deleteProperty(process.env, name);
  }
  const images = docker.usable && {
    MAYFLY_POSTGRES_IMAGE: docker.images.mayfly.postgres,
    MAYFLY_REDIS_IMAGE: docker.images.mayfly.redis,
  };
  Object.assign(process.env, { MAYFLY_STATE_DIR: stateDirectory, ...images });
}
