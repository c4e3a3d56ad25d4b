import { z } from 'zod';
import { isMayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import { milliseconds } from '../../service/option-schemas.ts';
import type { Ownership } from '../../service/ownership.ts';
import { startCommand } from './app-command.ts';
import { appInvalid } from './app-failure.ts';
import { startServer } from './app-server.ts';
import type { App } from './app.ts';
import { LiveApp } from './live-app.ts';
import { recogniseApp, type RecognisedApp } from './recognise-app.ts';
import type { RunningApp } from './running-app.ts';
import { waitUntilReady } from './wait-until-ready.ts';

/** How an application is started and ended. */
export interface AppOptions {
  /**
   * A path that answers 2xx when the application is ready, such as `/health`. Where it is left out an application of this
   * process is ready when it listens, a command when its port accepts connections.
   */
  readonly health?: string;
  /** How long it may take to be ready, in milliseconds: 9000 where it is left out. */
  readonly timeout?: number;
  /** How long it has to finish what it is at when it is stopped, in milliseconds: 2000 where it is left out. */
  readonly grace?: number;
}

/** Less than the 10 s after which vitest ends a hook, so that what is read is the error that says why. */
const defaultTimeout = 9_000;
const defaultGrace = 2_000;

/** How many ports are tried where others are faster. */
const portAttempts = 3;

/** The options with what was left out. */
export interface ValidOptions {
  readonly health: string | undefined;
  readonly timeout: number;
  readonly grace: number;
}

/** What {@link AppOptions} must be. */
export const appOptions: { readonly [Option in keyof ValidOptions]: z.ZodType<ValidOptions[Option]> } = {
  health: z.string().startsWith('/', 'expected a path that begins with a slash').optional(),
  timeout: milliseconds.default(defaultTimeout),
  grace: z.union([z.literal(0), milliseconds]).default(defaultGrace),
};

/** Who starts an application. */
export interface Starter {
  readonly signal: AbortSignal;
  /** The name of the service that it is, where it is one. */
  readonly service?: string | undefined;
  readonly ownership?: Ownership | undefined;
}

/** Starts an application and returns when it is ready. What it began before it throws, it ends itself. */
export async function startApp(app: App, options: ValidOptions, starter: Starter): Promise<LiveApp> {
  const recognised = recogniseApp(app);
  starter.signal.throwIfAborted();
  for (let attempt = 1; ; attempt += 1) {
    const running = await begin(recognised, options, starter);
    try {
      if (recognised.kind === 'command' || options.health !== undefined) {
        await waitUntilReady(running, { ...options, ...starter });
      }
      starter.signal.throwIfAborted();
      return new LiveApp(running, starter.service);
    } catch (error) {
      await running.end().catch(() => {});
      const hasEnded = isMayflyError(error) && error.code === 'MAYFLY_APP_EXITED';
      if (!hasEnded || attempt >= portAttempts || !saysPortIsTaken(running)) {
        throw error;
      }
    }
  }
}

async function begin(app: RecognisedApp, options: ValidOptions, starter: Starter): Promise<RunningApp> {
  const { service, signal, ownership } = starter;
  const { grace, timeout } = options;
  if (app.kind !== 'command') {
    return startServer(app, { grace, service, timeout, signal });
  }
  try {
    return await startCommand(app.command, { grace, service, ownership });
  } catch (error) {
    throw isMayflyError(error)
      ? error
      : appInvalid(
          `The command "${app.command.command}" could not be started: ${reasonOf(error)}.`,
          'Correct it.',
          error,
        );
  }
}

/** In the words of the system, as most programs pass them on. */
function saysPortIsTaken({ logs }: RunningApp): boolean {
  return logs.some((line) => /EADDRINUSE|address already in use/i.test(line));
}
