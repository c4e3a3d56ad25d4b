import { realpath } from 'node:fs/promises';
import { findNamed } from '../config/config-file.ts';
import { readProcessEnv } from '../config/process-env.ts';
import { MayflyError } from '../errors/mayfly-error.ts';
import type { ReadySession } from './background.ts';
import type { BackgroundState } from './control.ts';
import type { StartFlags } from './start.ts';

/**
 * Returns where an environment that runs in the background is what somebody asks for: on the runtime and from the config
 * file that are named, if any are.
 *
 * @throws MayflyError `MAYFLY_UP_OTHERWISE`, or `MAYFLY_CONFIG_NOT_FOUND` for a config file that does not exist.
 */
export async function assertAsAsked(
  { description }: ReadySession,
  { config }: BackgroundState,
  flags: StartFlags,
): Promise<void> {
  const asked = flags.runtime ?? readProcessEnv().runtime ?? 'auto';
  if (asked !== 'auto' && serversOf(description.details).some(({ runtime }) => runtime !== asked)) {
    const option = flags.runtime === undefined ? 'MAYFLY_RUNTIME' : '--runtime';
    throw otherwise(`runs ${description.runtime}; ${option} asks for ${asked}`, option);
  }
  if (flags.config !== undefined) {
    const wanted = await findNamed(process.cwd(), flags.config);
    if (config === null || !(await areSame(config, wanted))) {
      throw otherwise(`was started from ${config ?? 'no config file'}; --config names ${wanted}`, '--config');
    }
  }
}

function serversOf({ postgres, redis }: Readonly<Record<string, unknown>>): { readonly runtime: string }[] {
  return [postgres, redis].filter((server) => server !== undefined) as { readonly runtime: string }[];
}

async function areSame(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map((file) => realpath(file).catch(() => file)));
  return first === second;
}

function otherwise(difference: string, option: string): MayflyError {
  return new MayflyError('MAYFLY_UP_OTHERWISE', {
    message: `The environment in the background ${difference}.`,
    remedy: `Take it away with \`mayfly down\` first, or leave ${option} out to use it as it is.`,
    phase: 'configure',
  });
}
