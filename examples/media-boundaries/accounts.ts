import type pg from 'pg';
import { violates } from './database.ts';
import { hashPassword, isPassword } from './passwords.ts';
import { Refusal } from './refusal.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export class Accounts {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Gives the identifier of the new account. */
  async signUp({ email, password }: Credentials, quotaBytes: number): Promise<string> {
    try {
      const { rows } = await this.#pool.query<{ id: string }>(
        'INSERT INTO account (email, password_hash, quota_bytes) VALUES (lower($1), $2, $3) RETURNING id',
        [email, await hashPassword(password), quotaBytes],
      );
      return rows[0]!.id;
    } catch (error) {
      throw violates(error, 'account_email_key') ? new Refusal('email-taken', 'There is such an account.') : error;
    }
  }

  /** Gives the identifier of the account. Whether it was the address or the password that was wrong is not said. */
  async identify({ email, password }: Credentials): Promise<string> {
    const { rows } = await this.#pool.query<{ id: string; password_hash: string }>(
      'SELECT id, password_hash FROM account WHERE email = lower($1)',
      [email],
    );
    const [account] = rows;
    const isRight = await isPassword(password, account?.password_hash);
    if (account === undefined || !isRight) {
      throw new Refusal('wrong-password', 'The address and the password do not fit.');
    }
    return account.id;
  }
}
