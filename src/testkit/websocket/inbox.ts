import { withDeadline, type Deadline } from '../../service/deadline.ts';

/** What somebody waits for: so many messages that fit. */
export interface Wanted<Message> {
  readonly count: number;
  readonly predicate: (message: Message) => boolean;
}

/** What bounds a wait; the error of its end is told what had come until then. */
export interface Bounds<Message> extends Omit<Deadline, 'expired'> {
  readonly expired: (taken: readonly Message[]) => Error;
}

interface Arrived<Message> {
  readonly number: number;
  readonly message: Message;
}

interface Waiter<Message> extends Wanted<Message> {
  readonly taken: Arrived<Message>[];
  readonly filled: PromiseWithResolvers<void>;
}

/**
 * The messages that have arrived and that nobody has taken yet, and those who wait for one. Each message goes to one of
 * them: to whoever asked first of those whom it fits.
 */
export class Inbox<Message> {
  readonly #capacity: number;
  readonly #waiters = new Set<Waiter<Message>>();
  #unread: Arrived<Message>[] = [];
  #count = 0;
  #reason: (() => unknown) | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** What nobody has taken, in the order of arrival. */
  get unread(): readonly Message[] {
    return this.#unread.map(({ message }) => message);
  }

  /** Whether nothing will arrive any more. */
  get ended(): boolean {
    return this.#reason !== undefined;
  }

  /** Takes in what has arrived, and says whether there was room for it. */
  add(message: Message): boolean {
    const arrived = { number: (this.#count += 1), message };
    if (this.#handOver(arrived)) {
      return true;
    }
    const hasRoom = this.#unread.length < this.#capacity;
    if (hasRoom) {
      this.#unread.push(arrived);
    }
    return hasRoom;
  }

  /** Says that nothing will arrive any more, and why; the first reason counts. What is unread can still be taken. */
  end(reason: () => unknown): void {
    this.#reason ??= reason;
    for (const waiter of this.#waiters) {
      this.#endWait(waiter, this.#reason());
    }
  }

  /**
   * Takes messages that fit: those that are there, then those that come. A wait that ends otherwise has taken none, so
   * that others find them.
   */
  async take(wanted: Wanted<Message>, { expired, ...bounds }: Bounds<Message>): Promise<Message[]> {
    const waiter: Waiter<Message> = { ...wanted, taken: [], filled: Promise.withResolvers() };
    const taken = (): Message[] => inOrder(waiter.taken).map(({ message }) => message);
    try {
      await withDeadline({ ...bounds, expired: () => expired(taken()) }, async () => {
        this.#beginWait(waiter);
        await waiter.filled.promise;
      });
      return taken();
    } catch (error) {
      this.#waiters.delete(waiter);
      this.#putBack(waiter.taken);
      throw error;
    }
  }

  #beginWait(waiter: Waiter<Message>): void {
    this.#waiters.add(waiter);
    this.#unread = this.#unread.filter((arrived) => !this.#give(waiter, arrived));
    if (this.#reason !== undefined && this.#waiters.has(waiter)) {
      this.#endWait(waiter, this.#reason());
    }
  }

  #endWait(waiter: Waiter<Message>, error: unknown): void {
    this.#waiters.delete(waiter);
    waiter.filled.reject(error);
  }

  #putBack(taken: readonly Arrived<Message>[]): void {
    const left = taken.filter((arrived) => !this.#handOver(arrived));
    this.#unread = inOrder([...this.#unread, ...left]);
  }

  #handOver(arrived: Arrived<Message>): boolean {
    return [...this.#waiters].some((waiter) => this.#give(waiter, arrived));
  }

  /** Says whether the waiter has taken it. A predicate that throws ends its own wait and no other. */
  #give(waiter: Waiter<Message>, arrived: Arrived<Message>): boolean {
    try {
      if (!this.#waiters.has(waiter) || !waiter.predicate(arrived.message)) {
        return false;
      }
    } catch (error) {
      this.#endWait(waiter, error);
      return false;
    }
    waiter.taken.push(arrived);
    if (waiter.taken.length === waiter.count) {
      this.#waiters.delete(waiter);
      waiter.filled.resolve();
    }
    return true;
  }
}

/** What somebody has put back comes late, and yet before what arrived after it. */
function inOrder<Message>(messages: readonly Arrived<Message>[]): Arrived<Message>[] {
  return [...messages].sort((one, other) => one.number - other.number);
}
