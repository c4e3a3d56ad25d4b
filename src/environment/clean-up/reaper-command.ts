import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv } from '../../config/process-env.ts';
import type { Command } from '../../system/lifeline.ts';

/** For how long what fails is tried again, in milliseconds: a server may be coming back. */
const usualPatience = 60_000;

/** The command that takes away what the session in a directory owns. */
export function reaperCommand(directory: string, patience: number = usualPatience): Command {
  const here = import.meta.url;
  // Beside this file, in whichever form that is.
  const program = fileURLToPath(new URL(`reaper${extname(new URL(here).pathname)}`, here));
  return {
    executable: process.execPath,
    parameters: [program, directory, String(patience)],
    // Nobody's debugger or loader.
    environment: childEnv({ NODE_OPTIONS: '' }),
  };
}
