import { runProcess } from './run-process.ts';

/** The images that are measured. */
export interface Images {
  readonly mayfly: { readonly postgres: string; readonly redis: string };
  /** What the peers run on. */
  readonly stock: { readonly postgres: string; readonly redis: string };
}

/** A Docker daemon with the images that are needed, or why there is none. */
export type Docker =
  | { readonly usable: true; readonly version: string; readonly images: Images }
  | { usable: false; reason: string };

/**
 * Looks for Docker and the images. The first of each list that is there is taken, else the first that can be pulled:
 * for the peers the official images, and where no registry is reachable, those that bench/stock-* stand in for them.
 */
export async function findDocker(signal: AbortSignal): Promise<Docker> {
  const { BENCH_POSTGRES_IMAGE, BENCH_REDIS_IMAGE, MAYFLY_POSTGRES_IMAGE, MAYFLY_REDIS_IMAGE } = process.env;
  const official = { postgres: 'postgres:18-alpine', redis: 'redis:8-alpine' };
  try {
    const { stdout } = await runProcess('docker', ['version', '--format', '{{.Server.Version}}'], { signal });
    const choose = async (configured: string | undefined, ...others: string[]): Promise<string> =>
      firstUsable(configured === undefined ? others : [configured], signal);
    const images = {
      mayfly: {
        postgres: await choose(MAYFLY_POSTGRES_IMAGE, 'mayfly-postgres', official.postgres),
        redis: await choose(MAYFLY_REDIS_IMAGE, 'mayfly-redis', official.redis),
      },
      stock: {
        postgres: await choose(BENCH_POSTGRES_IMAGE, official.postgres, 'mayfly-stock-postgres'),
        redis: await choose(BENCH_REDIS_IMAGE, official.redis, 'mayfly-stock-redis'),
      },
    };
    return { usable: true, version: stdout.trim(), images };
  } catch (error) {
    signal.throwIfAborted();
    const [reason = ''] = (error as Error).message.split('\n').slice(-1);
    return { usable: false, reason: reason === '' ? 'Docker does not answer' : reason };
  }
}

async function firstUsable(images: readonly string[], signal: AbortSignal): Promise<string> {
  for (const action of ['image inspect', 'pull'] as const) {
    for (const image of images) {
      if (await succeeds([...action.split(' '), image], signal)) {
        return image;
      }
    }
  }
  throw new Error(`no image of ${images.join(', ')} is there or can be pulled`);
}

async function succeeds(parameters: readonly string[], signal: AbortSignal): Promise<boolean> {
  try {
    await runProcess('docker', parameters, { signal });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
