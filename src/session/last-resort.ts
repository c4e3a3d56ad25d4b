import { existsSync, rmSync } from 'node:fs';
import type { RecordedResource } from './manifest.ts';
import { isRunning } from './process-identity.ts';

/** How often a directory is removed that others still remove files from. */
const attempts = 100;

/**
 * Carries `work` out, synchronously, when this process exits without having called it off: by process.exit(), an
 * exception that nobody caught, or for want of anything to do. Gives the function that calls it off.
 */
export function onExit(work: () => void): () => void {
  process.setMaxListeners(process.getMaxListeners() + 1);
  process.once('exit', work);
  return () => {
    process.off('exit', work);
    process.setMaxListeners(process.getMaxListeners() - 1);
  };
}

/**
 * Ends processes and removes directories, without waiting for anything. Gives the keys of what it could take away;
 * containers and databases need somebody who can ask a server.
 */
export function takeAwayAtOnce(resources: ReadonlyMap<string, RecordedResource>): string[] {
  const entries = [...resources];
  // Processes first: they would go on writing into the directories.
  const processes = entries.filter(([, resource]) => resource.kind === 'process' && endAtOnce(resource));
  const directories = entries.filter(([, resource]) => resource.kind === 'directory' && removeAtOnce(resource.path));
  return [...processes, ...directories].map(([key]) => key);
}

/** SIGQUIT lets Postgres give its shared memory back, and ends Redis as well. */
function endAtOnce({ process: identity }: Extract<RecordedResource, { kind: 'process' }>): boolean {
  try {
    if (identity !== undefined && isRunning(identity)) {
      process.kill(identity.pid, 'SIGQUIT');
    }
    return identity !== undefined;
  } catch {
    return false;
  }
}

function removeAtOnce(path: string): boolean {
  try {
    // Where a server that is ending removes a file of its own meanwhile, this gives up without an error (Node.js,
    // src/node_file.cc, RmSync: ENOENT counts as done).
    for (let attempt = 0; attempt < attempts && existsSync(path); attempt += 1) {
      rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    }
    return !existsSync(path);
  } catch {
    return false;
  }
}
