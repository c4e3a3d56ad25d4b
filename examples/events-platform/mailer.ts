import { setTimeout } from 'node:timers/promises';

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface MailProvider {
  readonly url: string;
  readonly key: string;
}

const attempts = 3;

/** The e-mail provider, by HTTP. */
export class Mailer {
  readonly #provider: MailProvider;

  constructor(provider: MailProvider) {
    this.#provider = provider;
  }

  /** A provider that is busy is asked again; by the key it knows that this is the same letter. */
  async send(letter: Letter, idempotencyKey: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await fetch(this.#provider.url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.#provider.key}`,
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
        },
        body: JSON.stringify(letter),
        signal: AbortSignal.timeout(5_000),
      });
      await answer.body?.cancel();
      if (answer.ok) {
        return;
      }
      if (answer.status !== 429 || attempt === attempts) {
        throw new Error(`The e-mail provider answered ${answer.status}.`);
      }
      await setTimeout(delayOf(answer, attempt));
    }
  }
}

/** In milliseconds: what the provider says, but no longer than a request may wait. */
function delayOf(answer: Response, attempt: number): number {
  const seconds = Number(answer.headers.get('retry-after') ?? 0.1 * 2 ** attempt);
  return 1_000 * (Number.isFinite(seconds) ? Math.min(seconds, 5) : 1);
}
