import { readProcessEnv } from '../config/process-env.ts';
import { exitCodeOf, onTermination, type TerminationSignal } from '../session/signals.ts';
import { say } from './output.ts';
import { headline } from './summary.ts';

/**
 * For how long a signal that comes again counts as the same, in milliseconds, where a package manager runs us: Ctrl-C
 * reaches us from the terminal, and once more from npm (@npmcli/run-script, lib/signal-manager.js).
 */
const echoTime = 300;

/** What a step does when signals come while it is under way. */
interface Listener {
  /** Begins to end in order. */
  readonly first: (signal: TerminationSignal) => void;
  /** The last thing that happens in this process. */
  readonly again?: () => void;
}

/**
 * What signals ask of a command line that has started something: the first one that it ends in order, the next that it
 * ends at once. What is left then is the reaper's.
 */
export class Interruption implements Disposable {
  readonly #listeners = new Set<Listener>();
  readonly #echoTime = readProcessEnv().isScript ? echoTime : 0;
  readonly #release = onTermination((signal) => this.#hear(signal));
  #signal: TerminationSignal | undefined;
  #heardAt = 0;

  /** The exit code of a run that was interrupted, whatever else became of it. */
  get exitCode(): number | undefined {
    return this.#signal && exitCodeOf[this.#signal];
  }

  /** Gives a function that ends this. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Gives what `begin` comes to, or `undefined` where a signal came first, which aborts what `begin` was given. */
  async before<T>(begin: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const giveUp = new AbortController();
    const release = this.listen({ first: () => giveUp.abort() });
    try {
      return await begin(giveUp.signal);
    } catch (error) {
      if (giveUp.signal.aborted) {
        return undefined;
      }
      throw error;
    } finally {
      release();
    }
  }

  /** The signal was not meant for us after all: another will be the first. */
  forget(): void {
    this.#signal = undefined;
  }

  [Symbol.dispose](): void {
    this.#release();
  }

  #hear(signal: TerminationSignal): void {
    const now = performance.now();
    if (this.#signal === undefined) {
      this.#signal = signal;
      this.#heardAt = now;
      this.#listeners.forEach(({ first }) => first(signal));
    } else if (signal !== this.#signal || now - this.#heardAt >= this.#echoTime) {
      this.#listeners.forEach(({ again }) => again?.());
      say(headline(`${signal} after ${this.#signal}: everything is taken away without waiting for its end`));
      process.exit(exitCodeOf[signal]);
    }
  }
}
