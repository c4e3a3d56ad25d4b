import { loadDefinition } from '../../config/config-file.ts';
import type { Environment } from '../../environment/environment.ts';
import type { ProgressEvent } from '../../environment/progress.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import type { MayflyErrorCode } from '../../errors/codes.ts';
import { isMayflyError } from '../../errors/mayfly-error.ts';
import { headlineOf, reasonOf } from '../../errors/reason.ts';
import { Background } from '../background.ts';
import { closeControl, serveControl, type StopOutcome } from '../control.ts';
import { Interruption } from '../interruption.ts';
import type { StartFlags } from '../start.ts';

/** What the process in the background tells the one that started it. */
export type ServeMessage =
  | { readonly type: 'progress'; readonly event: ProgressEvent }
  | { readonly type: 'ready' }
  /** Another process was faster. */
  | { readonly type: 'claimed' }
  | { readonly type: 'failed'; readonly error: ServeFailure };

/** An error as it crosses from process to process. */
export interface ServeFailure {
  readonly code: MayflyErrorCode;
  readonly message: string;
  readonly remedy: string;
}

/** `mayfly serve`: keeps an environment until a signal asks it to end. Started by `mayfly up`, with a channel to it. */
export async function serve({ runtime, config }: StartFlags): Promise<number> {
  const background = await Background.open();
  if (!background.claim.take()) {
    tell({ type: 'claimed' });
    return 0;
  }
  const ended = Promise.withResolvers<void>();
  const giveUp = new AbortController();
  using interruption = new Interruption();
  interruption.listen({
    first: () => {
      giveUp.abort();
      ended.resolve();
    },
    again: () => background.claim.release(),
  });
  try {
    const { definition, directory, file } = await loadDefinition(process.cwd(), config);
    const onProgress = (event: ProgressEvent): void => tell({ type: 'progress', event });
    const options = { runtime, signal: giveUp.signal, directory, onProgress, handleSignals: false };
    await using environment = await startEnvironment(definition, options);
    await serveControl(environment.directory, {
      health: () => environment.health(),
      state: () => ({
        deaths: environment.deaths.map(headlineOf),
        config: file ?? null,
        flags: { runtime, config: config === undefined ? undefined : file },
      }),
      stop: async () => {
        const outcome = await stop(environment);
        ended.resolve();
        return outcome;
      },
    });
    tell({ type: 'ready' });
    await ended.promise;
    const outcome = await stop(environment);
    return interruption.exitCode ?? ('failure' in outcome ? 1 : 0);
  } catch (error) {
    tell({ type: 'failed', error: describeFailure(error) });
    return interruption.exitCode ?? 1;
  } finally {
    background.claim.release();
  }
}

async function stop(environment: Environment): Promise<StopOutcome> {
  closeControl(environment.directory);
  try {
    return { report: await environment.stop() };
  } catch (error) {
    return { failure: reasonOf(error) };
  }
}

function describeFailure(error: unknown): ServeFailure {
  if (isMayflyError(error)) {
    return { code: error.code, message: error.summary, remedy: error.remedy };
  }
  return {
    code: 'MAYFLY_UP_FAILED',
    message: `The environment in the background was not started: ${reasonOf(error)}.`,
    remedy: '`mayfly run` shows the same start in the foreground.',
  };
}

/** Tells the starter, if it is still there. */
function tell(message: ServeMessage): void {
  if (process.connected) {
    // Without a listener a starter that goes away at this moment would end this process.
    process.send?.(message, () => {});
  }
}
