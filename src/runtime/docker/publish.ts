/** The part of a container's host settings that says where its ports are published. */
interface Published {
  PortBindings?: Record<string, { HostIp?: string; HostPort: string }[]>;
}

/**
 * Publishes ports on the loopback address alone: by default Docker opens them to the whole network. For a daemon on
 * this machine; one elsewhere must be reachable from here.
 */
export function publishOnLoopback({ PortBindings = {} }: Published): void {
  for (const binding of Object.values(PortBindings).flat()) {
    binding.HostIp = '127.0.0.1';
  }
}
