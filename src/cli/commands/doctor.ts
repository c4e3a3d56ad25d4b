import { loadDefinition } from '../../config/config-file.ts';
import { readProcessEnv } from '../../config/process-env.ts';
import { resolveSettings } from '../../config/settings.ts';
import { probeRuntimes } from '../../runtime/probe.ts';
import { answer, paint } from '../output.ts';

/** `mayfly doctor`: exit code 0 when at least one runtime can be used. */
export async function doctor({ json }: { readonly json?: boolean }): Promise<number> {
  const env = readProcessEnv();
  const { definition, file } = await loadDefinition(process.cwd());
  const probes = await probeRuntimes(resolveSettings(definition, env), env, new AbortController().signal);
  if (json) {
    answer(JSON.stringify({ node: process.version, config: file ?? null, runtimes: probes }, undefined, 2));
  } else {
    answer(
      `node ${process.version}; ${file === undefined ? 'no config file: Postgres and Redis' : `config file ${file}`}`,
    );
    for (const [name, probe] of Object.entries(probes)) {
      answer(`${name.padEnd(9)} ${probe.usable ? paint('green', 'usable') : paint('yellow', 'not usable')}`);
      const lines = probe.usable ? probe.facts : [probe.reason, probe.remedy];
      lines.forEach((line) => answer(`          ${line}`));
    }
  }
  return Object.values(probes).some(({ usable }) => usable) ? 0 : 1;
}
