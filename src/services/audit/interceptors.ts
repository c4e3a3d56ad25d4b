import { z } from 'zod';
import { functionOf } from '../../service/option-schemas.ts';
import { valid } from '../input.ts';
import { auditInput, type AuditInput } from './models.ts';

/** Receives an event before it is written, and gives it back, rewritten or not. When it throws, nothing is written. */
export type Interceptor = (event: AuditInput) => AuditInput | Promise<AuditInput>;

/** Which actions an interceptor is for: a name, where `*` stands for any characters, or an expression. */
export type ActionPattern = string | RegExp;

const registration = z.object({
  pattern: z.union([z.string(), z.instanceof(RegExp)], 'expected a name of actions, or an expression'),
  interceptor: functionOf<Interceptor>(),
});

interface Registered {
  readonly pattern: RegExp;
  readonly interceptor: Interceptor;
}

/** The interceptors of one audit log, shared by its copies on transactions. */
export class Interceptors {
  #all: readonly Registered[] = [];

  /**
   * Gives what takes the interceptor away again.
   *
   * @throws MayflyError `MAYFLY_INPUT_INVALID` for what is no pattern, or no function.
   */
  add(pattern: ActionPattern, interceptor: Interceptor): () => void {
    const given = valid(registration, { pattern, interceptor }, 'audit');
    const registered = { ...given, pattern: expressionOf(given.pattern) };
    this.#all = [...this.#all, registered];
    return () => {
      this.#all = this.#all.filter((one) => one !== registered);
    };
  }

  /**
   * Hands an event on from one to the next, in the order in which they were added. Each sees what the one before made
   * of it, its action as well.
   *
   * @throws MayflyError `MAYFLY_INPUT_INVALID` for what an interceptor made of it; whatever an interceptor throws.
   */
  async apply(event: AuditInput): Promise<AuditInput> {
    let current = event;
    for (const { pattern, interceptor } of this.#all) {
      if (pattern.test(current.action)) {
        current = valid(auditInput, await interceptor(current), 'audit');
      }
    }
    return current;
  }
}

function expressionOf(pattern: ActionPattern): RegExp {
  if (pattern instanceof RegExp) {
    // With these flags an expression remembers where it was, and passes over every other event.
    return new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ''));
  }
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`);
}
