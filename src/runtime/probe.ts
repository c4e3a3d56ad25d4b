import type { ProcessEnv } from '../config/process-env.ts';
import type { Settings } from '../config/settings.ts';
import type { RuntimeName } from '../connection/runtime-name.ts';
import { probeDocker } from './docker/probe.ts';
import { probeEmbedded } from './embedded/probe.ts';
import { probeExternal } from './external/probe.ts';
import type { RuntimeProbe } from './runtime.ts';

/** Asks every runtime whether it can be used on this machine. */
export async function probeRuntimes(
  { postgres, redis }: Settings,
  env: ProcessEnv,
  signal: AbortSignal,
): Promise<Record<RuntimeName, RuntimeProbe>> {
  const images = [postgres?.image, redis?.image].filter((image) => image !== undefined);
  const [docker, embedded, external] = await Promise.all([
    probeDocker(env.docker, images, signal),
    probeEmbedded(env, signal),
    probeExternal({ databaseUrl: postgres?.url, redisUrl: redis?.url }),
  ]);
  return { docker, embedded, external };
}
