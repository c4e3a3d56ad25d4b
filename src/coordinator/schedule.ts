/** What is to be run, and what each must wait for. */
export interface Schedule {
  /** Preferred order: among those that are free to run, the first goes first. */
  readonly order: readonly string[];
  /** The names that must have been run before the given one. */
  readonly after: (name: string) => readonly string[];
  /** How many run at the same time at the most. */
  readonly concurrency: number;
}

/**
 * Runs `work` once for every name, each as soon as those before it are done and there is room.
 *
 * When one fails nothing further is begun, those under way are awaited, and the first failure is thrown.
 */
export async function runSchedule(
  { order, after, concurrency }: Schedule,
  work: (name: string) => Promise<void>,
): Promise<void> {
  const waiting = new Set(order);
  const done = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  const included = new Set(order);

  const isFree = (name: string): boolean => after(name).every((earlier) => done.has(earlier) || !included.has(earlier));
  const run = async (name: string): Promise<void> => {
    try {
      await work(name);
    } catch (error) {
      failures.push(error);
    }
    running.delete(name);
    done.add(name);
  };

  for (;;) {
    for (const name of waiting) {
      if (failures.length === 0 && running.size < concurrency && isFree(name)) {
        waiting.delete(name);
        running.set(name, run(name));
      }
    }
    if (running.size === 0) {
      break;
    }
    await Promise.race(running.values());
  }
  if (failures.length > 0) {
    throw failures[0];
  }
}
