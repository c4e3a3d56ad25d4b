import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv } from '../../config/process-env.ts';
import type { Command } from '../../session/lifeline.ts';

/** The command that takes away what the session in a directory owns. */
export function reaperCommand(directory: string): Command {
  const here = import.meta.url;
  // Beside this file, in whichever form that is.
  const program = fileURLToPath(new URL(`reaper${extname(new URL(here).pathname)}`, here));
  return {
    executable: process.execPath,
    parameters: [program, directory],
    // Nobody's debugger or loader.
    environment: childEnv({ NODE_OPTIONS: '' }),
  };
}
