import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { childEnv } from '../config/process-env.ts';
import { MayflyError } from '../errors/mayfly-error.ts';
import type { Ownership } from '../service/ownership.ts';
import { pollUntilFound } from '../service/poll.ts';
import { endCommand, hasCommand } from '../session/end-processes.ts';
import type { TerminationSignal } from '../session/signals.ts';
import { identify, type ProcessIdentity } from '../system/process-identity.ts';

const ownershipKey = 'command';

/**
 * A command with our own standard streams. On a terminal it stays in our process group, the one that may read keys and
 * that Ctrl-C reaches; elsewhere it leads a group of its own, and signals reach all of that.
 */
export class CommandProcess {
  readonly isGroup: boolean = ![0, 1, 2].some((stream) => isatty(stream));
  /** The exit code, or 128 + n where signal n ended it; rejects with `MAYFLY_COMMAND_NOT_FOUND`. */
  readonly exited: Promise<number>;
  readonly #child: ChildProcess;
  /** `undefined` where it was not found. */
  readonly #identity: ProcessIdentity | undefined;

  /** @throws MayflyError `MAYFLY_COMMAND_NOT_FOUND` for what cannot even be looked for, such as an empty name. */
  constructor([program = '', ...parameters]: readonly string[], variables: Readonly<Record<string, string>>) {
    try {
      this.#child = spawn(program, parameters, {
        stdio: 'inherit',
        env: childEnv(variables),
        detached: this.isGroup,
      });
    } catch (error) {
      throw notFound(program, error as NodeJS.ErrnoException);
    }
    const { pid } = this.#child;
    this.#identity = pid === undefined ? undefined : (identify(pid) ?? { pid });
    this.exited = new Promise<number>((resolve, reject) => {
      this.#child.once('error', (error) => reject(notFound(program, error)));
      this.#child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
    });
  }

  /** Writes it down, so that it ends even where this process cannot see to that. */
  record(ownership: Ownership): void {
    if (this.#identity !== undefined) {
      ownership.own(ownershipKey, { kind: 'command', pid: this.#identity.pid, isGroup: this.isGroup });
    }
  }

  /** Records that it is gone. */
  strike(ownership: Ownership): void {
    if (this.#identity !== undefined) {
      ownership.disown(ownershipKey);
    }
  }

  /** Whether it still runs, or anybody in its group does. */
  get isRunning(): boolean {
    const { isGroup } = this;
    return this.#identity !== undefined && hasCommand({ kind: 'command', process: this.#identity, isGroup });
  }

  /** Sends a signal to it and all of its group. */
  send(signal: TerminationSignal | 'SIGKILL'): void {
    if (!this.isGroup) {
      this.#child.kill(signal);
      return;
    }
    try {
      process.kill(-(this.#identity?.pid ?? Number.NaN), signal);
    } catch {
      // Nobody is there any more.
    }
  }

  /** Resolves when nothing of it runs, or ends with the signal's reason. */
  async gone(signal: AbortSignal): Promise<void> {
    await pollUntilFound(async () => (this.isRunning ? undefined : true), signal);
  }

  /** Ends what still runs of it: by SIGTERM, and after two seconds by SIGKILL. */
  async end(): Promise<void> {
    if (this.#identity === undefined) {
      return;
    }
    try {
      const command = { kind: 'command', process: this.#identity, isGroup: this.isGroup } as const;
      await endCommand(command, new AbortController().signal);
    } catch (error) {
      // What runs as somebody else, by sudo, is not ours to end.
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') {
        throw error;
      }
    }
  }
}

function notFound(program: string, cause: NodeJS.ErrnoException): MayflyError {
  const reason = cause.code === 'EACCES' ? 'may not be executed' : 'was not found';
  return new MayflyError('MAYFLY_COMMAND_NOT_FOUND', {
    message: `The command "${program}" ${reason}.`,
    remedy: 'Correct its name or PATH; for shell syntax use `sh -c`.',
    phase: 'run',
    cause,
  });
}
