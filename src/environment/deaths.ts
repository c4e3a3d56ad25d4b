import type { Logger } from 'pino';
import type { MayflyError } from '../errors/mayfly-error.ts';

/** Servers of one environment that have died though nobody stopped them. */
export class Deaths {
  readonly #known: MayflyError[] = [];
  readonly #ready = Promise.withResolvers<void>();
  readonly #log: Logger;
  readonly #tell: ((error: MayflyError) => void) | undefined;

  constructor(log: Logger, tell: ((error: MayflyError) => void) | undefined) {
    this.#log = log;
    this.#tell = tell;
  }

  /** All that are known, each as `MAYFLY_SERVER_DIED`. */
  get known(): readonly MayflyError[] {
    return this.#known;
  }

  /** Whether somebody is told. */
  get areTold(): boolean {
    return this.#tell !== undefined;
  }

  /** Takes one in. It is told once the environment is ready: where a start fails for it, that is what is said. */
  async add(error: MayflyError): Promise<void> {
    this.#known.push(error);
    await this.#ready.promise;
    this.#say(error);
  }

  /** The environment is ready. */
  begin(): void {
    this.#ready.resolve();
  }

  #say(error: MayflyError): void {
    this.#log.error({ code: error.code, service: error.service }, error.headline);
    try {
      this.#tell?.(error);
    } catch {
      // It has no say in what it hears of.
    }
  }
}
