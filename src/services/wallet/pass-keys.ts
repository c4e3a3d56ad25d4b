import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { MayflyError } from '../../errors/mayfly-error.ts';

/** What tokens are signed with, and what their header names. */
export interface SigningKey {
  readonly id: string;
  readonly key: KeyObject;
}

/**
 * The keys of the passes: made here, kept in memory, gone with the service. Old ones verify what they signed until they
 * are retired.
 */
export class PassKeys {
  #current: SigningKey;
  readonly #publicKeys = new Map<string, KeyObject>();

  constructor() {
    this.#current = this.#generate();
  }

  /** What is signed with now. */
  get current(): SigningKey {
    return this.#current;
  }

  /** The keys that verify, the oldest first. */
  get ids(): readonly string[] {
    return [...this.#publicKeys.keys()];
  }

  /** From now on another key signs, whose identifier this gives. */
  rotate(): string {
    this.#current = this.#generate();
    return this.#current.id;
  }

  /**
   * Refuses from now on what this key signed.
   *
   * @throws MayflyError `MAYFLY_RECORD_NOT_FOUND` where there is no such key; `MAYFLY_STATE_REFUSED` where it is the one
   *   that signs.
   */
  retire(id: string): void {
    if (id === this.#current.id) {
      throw new MayflyError('MAYFLY_STATE_REFUSED', {
        message: 'The key that signs cannot be retired.',
        remedy: 'Rotate first.',
        service: 'wallet',
        phase: 'run',
      });
    }
    if (!this.#publicKeys.delete(id)) {
      throw new MayflyError('MAYFLY_RECORD_NOT_FOUND', {
        message: `There is no key \`${id}\`.`,
        remedy: 'Take one of `keys.ids`.',
        service: 'wallet',
        phase: 'run',
      });
    }
  }

  /** What verifies the signatures of this key; `undefined` where it is not ours, or retired. */
  publicKey(id: string): KeyObject | undefined {
    return this.#publicKeys.get(id);
  }

  #generate(): SigningKey {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const id = thumbprint(publicKey);
    this.#publicKeys.set(id, publicKey);
    return { id, key: privateKey };
  }
}

/** RFC 7638: SHA-256 of the required members in the order of the alphabet; RFC 8037 says which these are. */
function thumbprint(publicKey: KeyObject): string {
  const { crv, kty, x } = publicKey.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
}
