/**
 * Runs every `check:…` script of package.json, in the order in which they stand there and all of them even if one fails,
 * and says which failed.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';

const root = join(import.meta.dirname, '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const checks = Object.entries(scripts).filter(([name]) => name.startsWith('check:'));

// Some checks pack the package. They pack what check:build made, and need not build it again.
const env = { ...process.env, npm_config_ignore_scripts: 'true' };

const failures = checks.filter(([name, command]) => !passes(name, command)).length;
console.log(`${checks.length - failures} passed, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;

/** Runs one check and prints a line about it, and all that it printed itself if it fails. */
function passes(name: string, command: string): boolean {
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(command, { cwd: root, env, shell: true, encoding: 'utf8' });
  const passed = status === 0;
  const verdict = passed ? styleText('green', 'ok    ') : styleText('red', 'FAILED');
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${verdict}  ${name.padEnd(13)}  ${seconds} s`);
  if (!passed) {
    console.log(`${stdout}${stderr}`.trimEnd());
  }
  return passed;
}
