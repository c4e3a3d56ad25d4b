import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Images } from './images.ts';
import type { Summary } from './measure.ts';
import type { Workbench } from './workbench.ts';

/** Where the figures in the README come from. */
export const resultsFile: string = join(import.meta.dirname, 'results.json');

/** One line of the table. */
export interface Figure {
  readonly id: string;
  readonly work: string;
  readonly peer: string;
  /** What of the samples is compared. */
  readonly of: 'median' | 'p95';
  /** In milliseconds, as all times. */
  readonly mayfly: Summary;
  readonly theirs: Summary;
  readonly ratio: number;
  /** What the ratio is to be at the most. */
  readonly target?: number;
}

/** What was tried once, and held. */
export interface Seen {
  readonly id: string;
  readonly claim: string;
  readonly seen: string;
}

/** What the figures hold for. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  /** In GiB. */
  readonly memory: number;
  readonly system: string;
  readonly node: string;
  readonly docker?: string;
}

/** All that one run of the bench found. */
export interface Results {
  /** ISO 8601. */
  readonly date: string;
  readonly machine: Machine;
  /** The images that were used, where Docker was. */
  readonly images?: Images;
  /** How many samples each median is of. */
  readonly rounds: number;
  readonly figures: readonly Figure[];
  readonly checks: readonly Seen[];
}

/** What was measured and tried. */
type Findings = Pick<Results, 'rounds' | 'figures' | 'checks'>;

/** Puts together what one run found, today on this machine. */
export async function makeResults({ docker }: Workbench, findings: Findings): Promise<Results> {
  const machine = {
    cores: cpus().length,
    processor: cpus()[0]?.model ?? 'unknown',
    memory: Math.round(totalmem() / 2 ** 30),
    system: await describeSystem(),
    node: process.versions.node,
  };
  const date = new Date().toISOString().slice(0, 10);
  if (!docker.usable) {
    return { date, machine, ...findings };
  }
  return { date, machine: { ...machine, docker: docker.version }, images: docker.images, ...findings };
}

export async function readResults(file: string = resultsFile): Promise<Results> {
  return JSON.parse(await readFile(file, 'utf8')) as Results;
}

export async function writeResults(file: string, results: Results): Promise<void> {
  await writeFile(file, `${JSON.stringify(results, undefined, 2)}\n`);
}

/** The distribution where there is one, else the kernel. */
async function describeSystem(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const [, name] = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(release) ?? [];
  return name ?? `${process.platform} ${process.arch}`;
}
