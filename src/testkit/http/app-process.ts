import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { childEnv } from '../../config/process-env.ts';
import { reasonOf } from '../../errors/reason.ts';
import { withDeadline } from '../../service/deadline.ts';
import type { Ownership } from '../../service/ownership.ts';
import { endAll } from '../../system/end-all.ts';
import { Lifeline } from '../../system/lifeline.ts';
import { isGroupOf } from '../../system/process-group.ts';
import { identify, type ProcessIdentity } from '../../system/process-identity.ts';
import type { AppCommand } from './app.ts';
import type { LogLines } from './log-lines.ts';

/** Becomes the command when it is told to, and ends where the one who would tell has gone before. */
const waitForGo = 'read -r go && exec "$@"';

/** Ends a process group. */
const killGroup = 'kill -s KILL -- "-$1"';

/** How long somebody who was killed may take to go, in milliseconds, and the rest of what was printed to come. */
const margin = 5_000;

/** What a process is started with. */
export interface AppProcessOptions {
  readonly command: AppCommand;
  readonly variables: Readonly<Record<string, string>>;
  readonly logs: LogLines;
  /** Where it is written down before it runs; beside that it ends with this process in any case. */
  readonly ownership: Ownership | undefined;
}

/** A command with a process group of its own, which lives no longer than this process does, nor than its leader. */
export class AppProcess {
  /** Resolves when the command has ended, with how, in words. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ownership: Ownership | undefined;
  #identity: ProcessIdentity | undefined;
  #lifeline: Lifeline | undefined;
  #ending: Promise<void> | undefined;

  /** Throws what spawn throws, and what the record of what is owned does. */
  constructor({ command: { command, args = [], cwd, env }, variables, logs, ownership }: AppProcessOptions) {
    const session = ownership === undefined ? {} : { MAYFLY_SESSION: ownership.sessionId };
    this.#ownership = ownership;
    this.#child = spawn('/bin/sh', ['-c', waitForGo, 'sh', command, ...args], {
      cwd,
      env: childEnv({ ...session, ...variables, ...env }),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const { stdin, stdout, stderr } = this.#child;
    logs.collect(stdout);
    logs.collect(stderr);
    // It may have gone already.
    stdin.on('error', () => {});
    this.#unref();
    this.ended = this.#watch();
    try {
      this.#secure();
      stdin.end('go\n');
    } catch (error) {
      stdin.destroy();
      throw error;
    }
  }

  /**
   * Ends what still runs of it: by SIGTERM, and after `grace` milliseconds by SIGKILL. Resolves when nothing does, and
   * throws where somebody cannot be killed.
   */
  async end(grace: number): Promise<void> {
    await this.#end('SIGTERM', grace);
  }

  /** Sees to its end whatever becomes of this process, before it runs. */
  #secure(): void {
    const { pid } = this.#child;
    if (pid === undefined) {
      return;
    }
    this.#identity = identify(pid) ?? { pid };
    const parameters = ['-c', killGroup, 'sh', String(pid)];
    this.#lifeline = new Lifeline({ executable: '/bin/sh', parameters, environment: {} });
    this.#ownership?.own(keyOf(pid), { kind: 'command', pid, isGroup: true });
  }

  async #watch(): Promise<string> {
    const closed = once(this.#child, 'close').catch(() => {});
    const how = await once(this.#child, 'exit').then(
      ([code, signal]) => (signal === null ? `exit code ${String(code)}` : `signal ${String(signal)}`),
      reasonOf,
    );
    // An application is its command: what that has left behind is nobody's. Where it is being ended, they have their time.
    // Whoever ends it hears of those that cannot be ended.
    await this.#end('SIGKILL', 0).catch(() => {});
    // Somebody outside of the group may hold its output open.
    const deadline = { ms: margin, signal: new AbortController().signal, expired: () => new Error('it is held open') };
    await withDeadline(deadline, () => closed).catch(() => {});
    return how;
  }

  #end(first: NodeJS.Signals, grace: number): Promise<void> {
    this.#ending ??= this.#endGroup(first, grace);
    return this.#ending;
  }

  async #endGroup(first: NodeJS.Signals, grace: number): Promise<void> {
    const identity = this.#identity;
    if (identity === undefined) {
      return;
    }
    const find = (): number[] => (this.#isRunning || isGroupOf(identity) ? [-identity.pid] : []);
    await endAll({ find, first, grace, signal: AbortSignal.timeout(grace + margin) });
    this.#ownership?.disown(keyOf(identity.pid));
    await this.#lifeline?.dismiss();
  }

  /** Known without a look at every process of the machine. */
  get #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Nobody is kept from ending by an application that they have forgotten: it ends with them. */
  #unref(): void {
    this.#child.unref();
    for (const stream of this.#child.stdio) {
      (stream as Socket | null)?.unref();
    }
  }
}

function keyOf(pid: number): string {
  return `app:${pid}`;
}
