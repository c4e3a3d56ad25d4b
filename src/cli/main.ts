#!/usr/bin/env node
// By name it could not be imported where Node is too old, and nobody would be told so.
import * as module from 'node:module';

if (!('enableCompileCache' in module)) {
  process.stderr.write(`Mayfly needs Node 22.22, 24.12, or 26 and newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}

// Saves a fifth of the start-up of a command that mostly waits for servers.
module.enableCompileCache();

// A terminal or pipe that is closed must not keep us from taking the servers away.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => {});
}

const { runProgram } = await import('./program.ts');
const exitCode = await runProgram(process.argv.slice(2));
// Not process.exitCode: idle connections of the clients that were used would keep the process for a while.
process.exit(exitCode);
