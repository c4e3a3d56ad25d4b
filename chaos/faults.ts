import type { Fault } from './fault.ts';
import { background } from './faults/background.ts';
import { commandLine } from './faults/command-line.ts';
import { dockerTrouble } from './faults/docker-trouble.ts';
import { fullDisk } from './faults/full-disk.ts';
import { growth } from './faults/growth.ts';
import { reapers } from './faults/reapers.ts';
import { servers } from './faults/servers.ts';
import { signals } from './faults/signals.ts';
import { vitest } from './faults/vitest.ts';

/** Everything that is done to Mayfly. */
export const faults: readonly Fault[] = [
  ...signals,
  ...commandLine,
  ...vitest,
  ...reapers,
  background,
  ...servers,
  ...dockerTrouble,
  fullDisk,
  ...growth,
];
