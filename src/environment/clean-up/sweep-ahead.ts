import { spawn } from 'node:child_process';
import { staleSessions } from '../../session/stale-sessions.ts';
import { reaperCommand } from './reaper-command.ts';

/** How many sessions are swept at one start; the rest has time until the next. */
const atOnce = 4;

/** How long is tried what fails, in milliseconds: what failed before, as on a server that is no more, may do so for ever. */
const patience = 2_000;

/**
 * Has other processes take away what earlier sessions have left whose owners and reapers both died. Returns at once: to
 * look takes less than a millisecond, and nobody waits for the rest.
 */
export function sweepAhead(stateDirectory: string): void {
  for (const { directory } of staleSessions(stateDirectory).slice(0, atOnce)) {
    const { executable, parameters, environment } = reaperCommand(directory, patience);
    const reaper = spawn(executable, parameters, { cwd: '/', env: environment, stdio: 'ignore', detached: true });
    reaper.on('error', () => {});
    reaper.unref();
  }
}
