import { createHash, createPublicKey, generateKeyPairSync, KeyObject } from 'node:crypto';
import { z } from 'zod';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { valid } from '../input.ts';

/** What tokens are signed with, and what their header names. */
export interface SigningKey {
  readonly id: string;
  readonly key: KeyObject;
}

const givenKeys = z.object({
  keys: z.array(
    z.custom<KeyObject>(
      (key) => key instanceof KeyObject && key.type === 'private' && key.asymmetricKeyType === 'ed25519',
      'expected a private key for Ed25519',
    ),
  ),
});

/**
 * The keys of the passes, in memory. Old ones verify what they signed until they are retired. Where none are given one is
 * made, and gone with the process.
 */
export class PassKeys {
  #current: SigningKey;
  readonly #publicKeys = new Map<string, KeyObject>();

  /**
   * With private keys for Ed25519 that the application has kept, the oldest first: the last one signs.
   *
   * @throws MayflyError `MAYFLY_INPUT_INVALID` for keys of another kind.
   *
   * @example
   * ```ts
   * new Wallet(database, audit, new PassKeys([createPrivateKey(pem)]))
   * ```
   */
  constructor(keys: readonly KeyObject[] = []) {
    const added = valid(givenKeys, { keys }, 'wallet').keys.map((key) => this.#add(key));
    this.#current = added.at(-1) ?? this.#generate();
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
    return this.#add(generateKeyPairSync('ed25519').privateKey);
  }

  #add(key: KeyObject): SigningKey {
    const publicKey = createPublicKey(key);
    const id = thumbprint(publicKey);
    this.#publicKeys.set(id, publicKey);
    return { id, key };
  }
}

/** RFC 7638: SHA-256 of the required members in the order of the alphabet; RFC 8037 says which these are. */
function thumbprint(publicKey: KeyObject): string {
  const { crv, kty, x } = publicKey.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
}
