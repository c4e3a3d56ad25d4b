import type { OwnedResource } from '../service/ownership.ts';
import { identify } from '../system/process-identity.ts';
import type { RecordedResource } from './manifest.ts';

/** A resource as it is written down: a process with what tells it from a later one of its number. */
export function recordOf(resource: OwnedResource): RecordedResource {
  if (resource.kind === 'process') {
    const { kind, directory, pid } = resource;
    return { kind, directory, process: pid === undefined ? undefined : identify(pid) };
  }
  if (resource.kind === 'command') {
    const { kind, pid, isGroup } = resource;
    return { kind, process: identify(pid) ?? { pid }, isGroup };
  }
  return resource;
}
