import { freePort } from '../../connection/free-port.ts';
import type { Ownership } from '../../service/ownership.ts';
import { appNotStopped } from './app-failure.ts';
import { AppProcess } from './app-process.ts';
import type { AppCommand } from './app.ts';
import { LogLines } from './log-lines.ts';
import type { RunningApp, Start } from './running-app.ts';

/** Runs a command that is to listen on a free port. */
export async function startCommand(
  command: AppCommand,
  { grace, service, ownership }: Start & { readonly ownership: Ownership | undefined },
): Promise<RunningApp> {
  const port = await freePort();
  const variables = { PORT: String(port), HOST: '127.0.0.1' };
  const logs = new LogLines();
  const title = `The command "${[command.command, ...(command.args ?? [])].join(' ')}"`;
  const running = new AppProcess({ command, variables, logs, ownership });
  return {
    port,
    title,
    get logs() {
      return logs.all;
    },
    ended: running.ended,
    end: async () => {
      const begun = performance.now();
      try {
        await running.end(grace);
      } catch (cause) {
        throw appNotStopped({ title, service, logs: logs.all, cause }, performance.now() - begun);
      }
    },
  };
}
