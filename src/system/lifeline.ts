import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { withDeadline } from '../service/deadline.ts';

/** A program and what it is given. */
export interface Command {
  readonly executable: string;
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Waits for a line, and becomes the program that it was given if none comes: a shell takes two megabytes and two
 * milliseconds to wait where Node would take 45 and 40. The script never changes: what it is given are its parameters.
 */
const waitForGoodbye = `trap '' HUP INT QUIT TERM; read -r goodbye || exec "$0" "$@"`;

/** How long it may take to say goodbye, in milliseconds. */
const dismissTimeout = 1_000;

/** How often somebody who was killed is replaced. */
const replacements = 3;

/**
 * A process that outlives ours, whatever ends that, and then runs a command, unless it was told goodbye before. It
 * belongs to no terminal and to no process group of ours, and does not keep this process from ending.
 */
export class Lifeline {
  readonly #command: Command;
  #child: ChildProcess;
  #isOver = false;

  /** Without a shell at the usual place there is none, and nothing runs afterwards. */
  constructor(command: Command) {
    this.#command = command;
    this.#child = this.#tie(replacements);
  }

  /** The command is not needed any more. Resolves when nobody waits for it any longer. */
  async dismiss(): Promise<void> {
    const child = this.#end('goodbye\n');
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      return;
    }
    child.ref();
    const deadline = { ms: dismissTimeout, signal: new AbortController().signal, expired: () => new Error('it stays') };
    await withDeadline(deadline, () => once(child, 'exit')).catch(() => {});
    child.unref();
  }

  /** The command is to run now. */
  cut(): void {
    this.#end('');
  }

  #tie(left: number): ChildProcess {
    const { executable, parameters, environment } = this.#command;
    const child = spawn('/bin/sh', ['-c', waitForGoodbye, executable, ...parameters], {
      // No directory of anybody's is kept from being removed.
      cwd: '/',
      env: environment,
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    child.on('error', () => {});
    child.stdin.on('error', () => {});
    child.once('exit', () => {
      if (!this.#isOver && left > 0) {
        this.#child = this.#tie(left - 1);
      }
    });
    child.unref();
    (child.stdin as Socket).unref();
    return child;
  }

  #end(word: string): ChildProcess {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#child.stdin?.end(word);
    }
    return this.#child;
  }
}
