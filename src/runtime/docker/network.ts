import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ContainerRuntimeClient } from 'testcontainers';
import type { DockerEnv } from '../../config/process-env.ts';
import { isMayflyError } from '../../errors/mayfly-error.ts';
import { askDocker } from './ask-docker.ts';

/**
 * How servers in containers are reached. On the `host` network a server listens on this machine's own loopback address;
 * `published`, Docker forwards a port to it.
 */
export type DockerNetwork =
  | { readonly kind: 'host' }
  /** `isLocal`: published on this machine, and so on its loopback address alone. */
  | { readonly kind: 'published'; readonly host: string; readonly isLocal: boolean };

export const loopback = '127.0.0.1';

/**
 * Chooses the host network where the daemon's machine is ours and shares its network with us: setting up and taking down
 * forwarded ports was measured as half of the time that a container takes to start, and to be removed. Everywhere else,
 * as with a remote daemon, Docker Desktop, a rootless daemon, or from inside a container, the port is published and host
 * and port are what Testcontainers says.
 */
export async function chooseNetwork(
  client: ContainerRuntimeClient,
  { network }: Pick<DockerEnv, 'network'>,
  signal: AbortSignal,
): Promise<DockerNetwork> {
  const { host } = client.info.containerRuntime;
  const isShared = await sharesOurNetwork(client, signal);
  if (network === 'host' || (network === undefined && isShared)) {
    return { kind: 'host' };
  }
  // Testcontainers says `localhost` for a daemon behind a Unix socket, outside of containers.
  return isShared || host === 'localhost'
    ? { kind: 'published', host: loopback, isLocal: true }
    : { kind: 'published', host, isLocal: false };
}

/** Whether the daemon's machine is ours, its bridge one of our own interfaces, and nothing between us. */
async function sharesOurNetwork(client: ContainerRuntimeClient, signal: AbortSignal): Promise<boolean> {
  const {
    container: { dockerode },
    info: { containerRuntime },
  } = client;
  try {
    const [info, bridge] = await Promise.all([
      askDocker({ what: 'say who it is', signal }, () => dockerode.info() as Promise<DaemonInfo>),
      askDocker(
        { what: 'say what its bridge is', signal },
        () => dockerode.getNetwork('bridge').inspect() as Promise<BridgeInfo>,
      ),
    ]);
    const isIsolated = info.SecurityOptions?.some((option) => /name=(rootless|userns)/.test(option)) === true;
    // From inside a container, or where the daemon has a machine of its own, that interface is not to be seen.
    const name = bridge.Options?.['com.docker.network.bridge.name'] ?? '';
    // In a container with a daemon of its own Testcontainers takes the bridge for the way to the daemon.
    const gateways = bridge.IPAM?.Config?.map(({ Gateway }) => Gateway) ?? [];
    const isNear = containerRuntime.host === 'localhost' || gateways.includes(containerRuntime.host);
    return isNear && info.Name === hostname() && !isIsolated && name !== '' && existsSync(join('/sys/class/net', name));
  } catch (error) {
    signal.throwIfAborted();
    if (isMayflyError(error) && error.code === 'MAYFLY_DOCKER_UNAVAILABLE') {
      throw error;
    }
    // A daemon without a bridge is not one that we know our way about.
    return false;
  }
}

/** What the daemon says of itself and of its bridge, as far as it concerns us. */
interface DaemonInfo {
  readonly Name?: string;
  readonly SecurityOptions?: readonly string[] | null;
}

interface BridgeInfo {
  readonly IPAM?: { readonly Config?: readonly { readonly Gateway?: string }[] | null };
  readonly Options?: Readonly<Record<string, string>> | null;
}

/** The part of a container's settings that says which of its ports are published, and where. */
interface Ports {
  PortBindings?: Record<string, { HostIp?: string; HostPort: string }[]>;
}

/**
 * Adapts the ports that a module of Testcontainers has published. By default Docker opens them to the whole network; on
 * the host network there are none.
 */
export function arrangePorts(hostConfig: Ports, network: DockerNetwork): void {
  if (network.kind === 'host') {
    // Testcontainers would wait for them.
    hostConfig.PortBindings = {};
  } else if (network.isLocal) {
    for (const binding of Object.values(hostConfig.PortBindings ?? {}).flat()) {
      binding.HostIp = loopback;
    }
  }
}
