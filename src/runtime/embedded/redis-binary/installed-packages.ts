import { readFile } from 'node:fs/promises';

/** Where dpkg keeps its records (dpkg(1), FILES). */
const dpkgStatus = '/var/lib/dpkg/status';

const keptFields = /^(Package|Version|Architecture|Multi-Arch|Provides|Essential):/;

/**
 * The machine's installed packages as a dpkg status file, without what they ask of each other: apt then fetches what
 * Redis lacks here, whatever else may be broken, held or in conflict on this machine. Redis itself is left out, so that
 * it is fetched also where it is installed but does not run.
 */
export async function listInstalledPackages(status: string = dpkgStatus): Promise<string> {
  // A machine without records gets everything fetched.
  const records = await readFile(status, 'utf8').catch(() => '');
  return records
    .split(/\n\n+/)
    .filter((stanza) => /^Status: .* installed$/m.test(stanza) && !/^Package: (redis|valkey)/m.test(stanza))
    .map((stanza) => {
      const fields = stanza.split('\n').filter((line) => keptFields.test(line));
      return `${fields.join('\n')}\nStatus: install ok installed\n`;
    })
    .join('\n');
}
