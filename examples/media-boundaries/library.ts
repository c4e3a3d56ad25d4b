import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { inTransaction, violates } from './database.ts';
import type { MediaStorage } from './media-storage.ts';
import { Refusal } from './refusal.ts';

export interface Media {
  readonly id: string;
  readonly name: string;
  readonly type: string;
}

export interface Upload {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/** What people have: a file, a row, what they may still store, and what others are told of it. All of it, or nothing. */
export class Library {
  readonly #pool: pg.Pool;
  readonly #storage: MediaStorage;

  constructor(pool: pg.Pool, storage: MediaStorage) {
    this.#pool = pool;
    this.#storage = storage;
  }

  async add(ownerId: string, { name, type, bytes }: Upload): Promise<Media> {
    const id = randomUUID();
    // The file first: a row without its file would be seen, a file without a row is not.
    await this.#storage.write(id, bytes);
    try {
      await inTransaction(this.#pool, async (tx) => {
        await reserve(tx, ownerId, bytes.length);
        await tx.query('INSERT INTO media (id, owner_id, name, type, bytes) VALUES ($1, $2, $3, $4, $5)', [
          id,
          ownerId,
          name,
          type,
          bytes.length,
        ]);
        await announce(tx, 'media-added', ownerId, id);
      });
    } catch (error) {
      await this.#storage.remove(id);
      throw violates(error, 'media_name_once')
        ? new Refusal('already-there', 'You have something of that name.')
        : error;
    }
    return { id, name, type };
  }

  /** Whose name has `text` in it, as it is: it is no pattern. */
  async search(ownerId: string, text: string): Promise<readonly Media[]> {
    const { rows } = await this.#pool.query<Media>(
      `SELECT id, name, type FROM media
       WHERE owner_id = $1 AND position(lower($2) IN lower(name)) > 0
       ORDER BY name`,
      [ownerId, text],
    );
    return rows;
  }

  /** What belongs to others is unknown: that it is there is not said. */
  async find(ownerId: string, id: string): Promise<Media> {
    const { rows } = await this.#pool.query<Media>('SELECT id, name, type FROM media WHERE owner_id = $1 AND id = $2', [
      ownerId,
      id,
    ]);
    return rows[0] ?? unknownMedia();
  }

  async read(ownerId: string, id: string): Promise<{ readonly media: Media; readonly bytes: Buffer }> {
    const media = await this.find(ownerId, id);
    return { media, bytes: await this.#storage.read(media.id) };
  }

  async remove(ownerId: string, id: string): Promise<void> {
    await inTransaction(this.#pool, async (tx) => {
      const { rows } = await tx.query<{ bytes: string }>(
        'DELETE FROM media WHERE owner_id = $1 AND id = $2 RETURNING bytes',
        [ownerId, id],
      );
      const { bytes } = rows[0] ?? unknownMedia();
      await tx.query('UPDATE account SET used_bytes = used_bytes - $2 WHERE id = $1', [ownerId, bytes]);
      await announce(tx, 'media-removed', ownerId, id);
    });
    // Not before: what has been rolled back must still have its file.
    await this.#storage.remove(id);
  }
}

/** The row of the account is locked by it, so that two uploads never share what is left. */
async function reserve(tx: pg.PoolClient, ownerId: string, bytes: number): Promise<void> {
  const { rowCount } = await tx.query(
    'UPDATE account SET used_bytes = used_bytes + $2 WHERE id = $1 AND used_bytes + $2 <= quota_bytes',
    [ownerId, bytes],
  );
  if (rowCount === 0) {
    throw new Refusal('quota-exceeded', 'There is no room left for it.');
  }
}

async function announce(tx: pg.PoolClient, kind: string, ownerId: string, mediaId: string): Promise<void> {
  await tx.query('INSERT INTO event (kind, owner_id, media_id) VALUES ($1, $2, $3)', [kind, ownerId, mediaId]);
}

function unknownMedia(): never {
  throw new Refusal('unknown-media', 'You have nothing like that.');
}
