/**
 * Makes node_modules what package-lock.json says, if it is not so already. It runs before anything is installed, so it
 * needs nothing but Node, and any Node from 20 on will do.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// The Node that all other scripts run on; it gets there by the install script of the package `node`.
const nodeExecutable = join('node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

process.chdir(root);
if (findFault() !== undefined) {
  process.exitCode = await installAlone();
}

/** The first thing that keeps node_modules from being a complete install of package-lock.json, if there is one. */
function findFault() {
  // npm writes this record as its last step: an install that was broken off has none.
  const installed = readPackages(join('node_modules', '.package-lock.json'));
  if (installed === undefined) {
    return existsSync('node_modules') ? 'the last install did not finish' : 'node_modules does not exist';
  }
  for (const [path, wanted] of Object.entries(readPackages('package-lock.json'))) {
    const found = installed[path];
    const isForAnotherPlatform = found === undefined && wanted.optional;
    if (path === '' || isForAnotherPlatform) {
      continue;
    }
    if (found?.version !== wanted.version || found?.integrity !== wanted.integrity) {
      return `${path} is not what package-lock.json says`;
    }
    if (!existsSync(join(path, 'package.json'))) {
      return `${path} is missing`;
    }
  }
  return existsSync(nodeExecutable) ? undefined : `${nodeExecutable} is missing`;
}

function readPackages(lockFile) {
  return existsSync(lockFile) ? JSON.parse(readFileSync(lockFile, 'utf8')).packages : undefined;
}

/** Installs while no other process does; when it had to wait for one, there may be nothing left to install. */
async function installAlone() {
  const release = await takeLock();
  try {
    const fault = findFault();
    return fault === undefined ? 0 : install(fault);
  } finally {
    release();
  }
}

/** Runs `npm ci` and returns the exit code. */
function install(fault) {
  console.error(`Installing the dependencies (npm ci): ${fault}.`);
  const { npm_execpath: npm = '', npm_node_execpath: node = process.execPath } = process.env;
  const [command, ...prefix] = npm.endsWith('npm-cli.js') ? [node, npm] : ['npm'];
  const args = [...prefix, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync(command, args, { stdio: ['inherit', 2, 2] });
  if (status !== 0) {
    console.error(`npm ci failed: ${error?.message ?? `exit code ${status}`}.`);
    return status ?? 1;
  }
  const remaining = findFault();
  if (remaining !== undefined) {
    console.error(`npm ci succeeded, and yet ${remaining}. Does npm's configuration forbid install scripts?`);
    return 1;
  }
  return 0;
}

/** Waits for this checkout's lock and returns what releases it. The lock names its holder: one that died holds nothing. */
async function takeLock() {
  // Not inside the checkout: npm ci empties node_modules, and elsewhere Git would see it.
  const path = join(tmpdir(), `mayfly-install-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`);
  for (let hasWaited = false; ; hasWaited = true) {
    try {
      writeFileSync(path, `${process.pid}`, { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') {
        throw error;
      }
    }
    if (!isHeld(path)) {
      rmSync(path, { force: true });
    } else if (!hasWaited) {
      console.error(`Waiting until another install of this checkout is done (${path}).`);
    }
    await pause(100);
  }
}

function isHeld(path) {
  try {
    process.kill(Number(readFileSync(path, 'utf8')), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
