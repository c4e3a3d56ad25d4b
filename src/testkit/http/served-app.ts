/** An application that is served for tests, and ready. */
export interface ServedApp extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly port: number;
  /**
   * What the application has said, the last 200 lines: of a command what it printed, of another the errors that its
   * handlers left to nobody, each with its request.
   */
  readonly logs: readonly string[];
  /**
   * The global `fetch`, with a path of this application.
   *
   * Errors: `MAYFLY_INPUT_INVALID` for what is not a path of it, `MAYFLY_APP_EXITED` where it has ended or been stopped.
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The address of a WebSocket: `ws://127.0.0.1:40123` and the path. */
  websocketUrl(path?: string): string;
  /**
   * Accepts nothing new, ends idle and upgraded connections at once, lets running requests and their handlers finish
   * within `grace`, and cuts off the rest. A command gets SIGTERM, with its whole process group, and after `grace` SIGKILL.
   * Called again it waits for the same end.
   *
   * Errors: `MAYFLY_APP_NOT_STOPPED`.
   */
  stop(): Promise<void>;
}
