import { EventEmitter } from 'node:events';
import type { Notification, Pool, PoolClient } from 'pg';
import { channel, workflowEvent, type WorkflowEvent } from './events.ts';

interface FeedEvents {
  /** Something has happened, in whichever process. */
  event: [event: WorkflowEvent];
  /** The connection is gone, and with it what happens from then on. */
  error: [error: Error];
}

/** What any scheduler or worker on this database announces, in the order in which it was committed. */
export class EventFeed extends EventEmitter<FeedEvents> {
  readonly #listener: PoolClient;

  private constructor(listener: PoolClient) {
    super();
    // One for each who waits.
    this.setMaxListeners(0);
    this.#listener = listener;
    listener.on('notification', this.#receive).on('error', this.#fail);
  }

  /** Holds one connection until it is closed. */
  static async open(db: Pool): Promise<EventFeed> {
    const listener = await db.connect();
    const feed = new EventFeed(listener);
    try {
      await listener.query(`LISTEN ${channel}`);
      return feed;
    } catch (error) {
      feed.close();
      throw error;
    }
  }

  close(): void {
    this.#listener.off('notification', this.#receive).off('error', this.#fail);
    // A connection that listens is of no use to others.
    this.#listener.release(true);
  }

  readonly #receive = ({ payload = '' }: Notification): void => {
    this.emit('event', workflowEvent.parse(JSON.parse(payload)));
  };

  readonly #fail = (error: Error): void => void this.emit('error', error);
}
