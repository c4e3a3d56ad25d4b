import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isMayflyError, MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import type { RuntimeProbe } from '../runtime.ts';
import { chooseDataHome } from './data-home.ts';
import type { EmbeddedOptions } from './options.ts';
import { environmentOf, installPostgres } from './postgres-binaries.ts';
import { probeRedisBinary } from './redis-binary/probe-redis-binary.ts';
import { serverUser } from './server-user.ts';

const run = promisify(execFile);

/** How long a program may take to say its version, in milliseconds. */
const versionTimeout = 5_000;

/** Says whether servers can run here as plain processes, and from which programs. */
export async function probeEmbedded(options: EmbeddedOptions, signal: AbortSignal): Promise<RuntimeProbe> {
  try {
    const user = serverUser();
    const postgres = await postgresVersion(options.cacheDirectory, signal);
    const redis = await describeRedis(options, signal);
    const home = await chooseDataHome(options.dataDirectory, user);
    return { usable: true, facts: [postgres, redis, `data lies in ${home}`] };
  } catch (error) {
    if (isMayflyError(error)) {
      return { usable: false, reason: error.summary, remedy: error.remedy };
    }
    throw error;
  }
}

async function postgresVersion(cacheDirectory: string, signal: AbortSignal): Promise<string> {
  const binaries = await installPostgres(cacheDirectory);
  try {
    const options = { signal, timeout: versionTimeout, env: environmentOf(binaries), ...serverUser() };
    const { stdout } = await run(join(binaries.directory, 'bin', 'postgres'), ['--version'], options);
    return stdout.trim();
  } catch (error) {
    throw new MayflyError('MAYFLY_POSTGRES_BINARY_MISSING', {
      message: `PostgreSQL's program in ${binaries.directory} does not run: ${reasonOf(error)}.`,
      remedy: 'On Linux it needs glibc; elsewhere use Docker.',
      service: 'postgres',
      phase: 'provision',
      cause: error,
    });
  }
}

async function describeRedis(options: EmbeddedOptions, signal: AbortSignal): Promise<string> {
  const { redisBinary: configured, searchPath, cacheDirectory } = options;
  const answer = await probeRedisBinary({ configured, searchPath, cacheDirectory, signal });
  switch (answer.state) {
    case 'ready':
      return `${answer.binary.flavour} ${answer.binary.version} at ${answer.binary.executable}`;
    case 'downloadable':
      return `redis will be fetched from ${answer.origin} when it is first needed`;
    case 'impossible':
      throw answer.error;
  }
}
