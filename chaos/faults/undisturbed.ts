import type { Trial } from '../trial.ts';
import { describeEnd, Victim } from './victim.ts';

/** A run that nothing happens to, to its end. */
export async function undisturbed(trial: Trial): Promise<void> {
  const end = await new Victim(trial).running.end;
  if (end.exitCode !== 0) {
    throw new Error(`A run that was not disturbed failed: ${describeEnd(end)}\n${end.stderr}`);
  }
}
