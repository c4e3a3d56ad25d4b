import { MayflyError } from '../../errors/mayfly-error.ts';
import { pause } from '../../service/pause.ts';
import { appExited, appStopped, type FailingApp } from './app-failure.ts';
import type { RunningApp } from './running-app.ts';
import type { ServedApp } from './served-app.ts';
import { ask } from './wait-until-ready.ts';

/** How long an application's end may be heard of after the end of its connections, in milliseconds. */
const delay = 200;

/** An application that is ready, for those who ask it. */
export class LiveApp implements ServedApp {
  readonly url: string;
  readonly port: number;
  readonly #app: RunningApp;
  readonly #service: string | undefined;
  #ending: string | undefined;
  #stopping: Promise<void> | undefined;

  constructor(app: RunningApp, service: string | undefined) {
    this.port = app.port;
    this.url = `http://127.0.0.1:${app.port}`;
    this.#app = app;
    this.#service = service;
    void this.#watch();
  }

  get logs(): readonly string[] {
    return this.#app.logs;
  }

  async fetch(path: string, init?: RequestInit): Promise<Response> {
    const url = this.#locate(path);
    this.#expectAlive();
    try {
      return await globalThis.fetch(url, init);
    } catch (error) {
      // As it is thrown where a connection fails.
      if (error instanceof TypeError) {
        await this.#hearOfEnd();
        this.#expectAlive(error);
      }
      throw error;
    }
  }

  websocketUrl(path = '/'): string {
    const url = this.#locate(path);
    url.protocol = 'ws:';
    return url.href;
  }

  /** Returns where it is alive and well, or throws why it is not. */
  async check(health: string | undefined, signal: AbortSignal): Promise<void> {
    this.#expectAlive();
    try {
      await ask(this.port, health, signal);
    } catch (error) {
      this.#expectAlive(error);
      throw error;
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#app.end();
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #watch(): Promise<void> {
    this.#ending = await this.#app.ended;
  }

  #locate(path: string): URL {
    const url = URL.parse(path, this.url);
    if (url === null || url.origin !== this.url) {
      throw new MayflyError('MAYFLY_INPUT_INVALID', {
        message: `"${path}" is not a path of the application at ${this.url}.`,
        remedy:
          'Give what comes after its host and port, such as /events?limit=3; for others there is the global fetch.',
        service: this.#service,
        phase: 'run',
      });
    }
    return url;
  }

  #expectAlive(cause?: unknown): void {
    if (this.#stopping !== undefined) {
      throw appStopped(this.#failing(cause));
    }
    if (this.#ending !== undefined) {
      throw appExited(this.#failing(cause), 'by itself', this.#ending);
    }
  }

  #failing(cause: unknown): FailingApp {
    return { title: this.#app.title, service: this.#service, logs: this.logs, cause };
  }

  async #hearOfEnd(): Promise<void> {
    const enough = new AbortController();
    await Promise.race([this.#app.ended, pause(delay, enough.signal).catch(() => {})]);
    enough.abort();
  }
}
