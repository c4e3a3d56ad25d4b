import { existsSync } from 'node:fs';
import { get, type RequestOptions } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { DockerEnv } from '../../config/process-env.ts';
import { reasonOf } from '../../errors/reason.ts';

/**
 * Why no daemon answers at any place where Testcontainers would look; `undefined` where one does, or only Testcontainers
 * can tell.
 *
 * Asked first because Testcontainers gives no reasons, goes elsewhere when nobody listens on the socket that DOCKER_HOST
 * names, and leaves open a question to a daemon that hangs, which would keep this process alive.
 */
export async function whyNoDaemon(env: DockerEnv, signal: AbortSignal): Promise<string | undefined> {
  const home = homedir();
  if (existsSync(join(home, '.testcontainers.properties'))) {
    return undefined;
  }
  if (env.host !== undefined) {
    const objection = await objectionTo(env.host, signal);
    return objection === undefined ? undefined : `nothing answers at DOCKER_HOST=${env.host} (${objection})`;
  }
  const objections: string[] = [];
  for (const socket of usualSockets(env, home).filter((path) => existsSync(path))) {
    const objection = await objectionTo(`unix://${socket}`, signal);
    if (objection === undefined) {
      return undefined;
    }
    objections.push(objection);
  }
  if (objections.length > 0) {
    return objections.join('; ');
  }
  // There the daemon has a pipe, which Testcontainers knows.
  return process.platform === 'win32' ? undefined : 'no Docker socket was found and DOCKER_HOST is not set';
}

function usualSockets({ runtimeDirectory }: DockerEnv, home: string): string[] {
  return [
    '/var/run/docker.sock',
    join(runtimeDirectory ?? `/run/user/${process.getuid?.() ?? 0}`, 'docker.sock'),
    join(home, '.docker', 'run', 'docker.sock'),
    join(home, '.docker', 'desktop', 'docker.sock'),
  ];
}

/** Why nobody answers here; `undefined` where somebody does, whatever the answer, or where it takes more than HTTP. */
async function objectionTo(place: string, signal: AbortSignal): Promise<string | undefined> {
  const address = addressOf(place);
  if (address === undefined) {
    return undefined;
  }
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const request = get({ ...address, path: '/_ping', agent: false, signal }, (response) => {
    response.destroy();
    resolve(undefined);
  });
  request.on('error', (error: NodeJS.ErrnoException) => {
    if (signal.aborted) {
      reject(error);
    }
    // A daemon that wants TLS hangs up.
    resolve(error.code === 'ECONNRESET' || error.code?.startsWith('HPE_') === true ? undefined : reasonOf(error));
  });
  return promise;
}

function addressOf(place: string): RequestOptions | undefined {
  const url = URL.parse(place);
  switch (url?.protocol) {
    case 'unix:':
      return { socketPath: url.pathname };
    case 'tcp:':
    case 'http:':
      return { host: url.hostname.replaceAll(/^\[|\]$/g, ''), port: url.port };
    case undefined:
    default:
      return undefined;
  }
}
