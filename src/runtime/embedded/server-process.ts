import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { reasonOf } from '../../errors/reason.ts';
import { lastLinesIn, recordEnd } from './server-log.ts';
import type { ServerUser } from './server-user.ts';

/** What a server process is made from. No shell is involved. */
export interface ServerCommand {
  readonly executable: string;
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly user: ServerUser | undefined;
  /** Receives what the server prints. */
  readonly logFile: string;
}

/** A server as a child process that outlives signals to our process group, and is ended only by {@link end}. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #logFile: string;
  #isWanted = true;
  /** Resolves when it has ended, also where it could not be spawned, with how, in words. */
  readonly ended: Promise<string>;

  constructor({ executable, parameters, environment, workingDirectory, user, logFile }: ServerCommand) {
    // Only a new file: whoever else may write there must not have root write where a link of theirs points.
    const log = openSync(logFile, 'ax', 0o600);
    try {
      this.#child = spawn(executable, parameters, {
        cwd: workingDirectory,
        env: environment,
        stdio: ['ignore', log, log],
        // A session of its own: Ctrl-C must not end the servers before what uses them.
        detached: true,
        ...user,
      });
    } finally {
      closeSync(log);
    }
    this.#logFile = logFile;
    this.ended = once(this.#child, 'exit').then(() => this.#describeEnd(), reasonOf);
    this.#child.unref();
  }

  /** Its number, or `undefined` where it could not be spawned. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The last lines that it printed. */
  async lastLines(): Promise<string[]> {
    return lastLinesIn(this.#logFile);
  }

  /** Sends `signal`, and SIGKILL if it is still there after `ms` milliseconds. Resolves when it is gone. */
  async end(signal: NodeJS.Signals, ms: number): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      return;
    }
    this.#isWanted = false;
    this.#child.kill(signal);
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), ms);
    await this.ended;
    clearTimeout(kill);
  }

  #describeEnd(): string {
    const { exitCode, signalCode } = this.#child;
    const how = signalCode === null ? `exit code ${exitCode}` : `signal ${signalCode}`;
    if (this.#isWanted) {
      recordEnd(this.#logFile, how);
    }
    return how;
  }
}
