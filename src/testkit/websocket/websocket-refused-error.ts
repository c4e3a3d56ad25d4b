import { MayflyError } from '../../errors/mayfly-error.ts';

/** What is known of a refusal. */
interface Refusal {
  readonly reason: string;
  readonly status?: number;
  readonly body?: string;
  readonly cause?: unknown;
}

/** A WebSocket connection that did not come about. Its code is `MAYFLY_WEBSOCKET_REFUSED`. */
export class WebSocketRefusedError extends MayflyError {
  /** The HTTP status with which the server answered; `undefined` where it did not answer. */
  readonly status: number | undefined;
  /** The beginning of the answer's body. */
  readonly body: string;

  constructor(url: string, { reason, status, body = '', cause }: Refusal) {
    super('MAYFLY_WEBSOCKET_REFUSED', {
      message: `No WebSocket connection to ${url} came about: ${reason}.`,
      remedy:
        status === undefined
          ? 'Check that the server runs and takes WebSockets there, or give a longer `timeout` or a `retry`.'
          : 'Check the path, and that the headers and subprotocols are those that the server wants.',
      phase: 'run',
      output: body === '' ? [] : body.split('\n'),
      cause,
    });
    this.status = status;
    this.body = body;
  }

  /** Whether another attempt may come through: not where the server has answered that this one is not let in. */
  get mayPass(): boolean {
    return this.status === undefined || this.status === 429 || this.status >= 500;
  }
}
