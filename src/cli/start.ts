import { loadDefinition } from '../config/config-file.ts';
import { readProcessEnv } from '../config/process-env.ts';
import type { RuntimeName } from '../connection/runtime-name.ts';
import type { Environment } from '../environment/environment.ts';
import { startEnvironment } from '../environment/start-environment.ts';
import { MayflyError } from '../errors/mayfly-error.ts';
import { withDeadline } from '../service/deadline.ts';
import { Progress } from './progress.ts';
import { reportError } from './report-error.ts';

/** The options that every command has which starts an environment. */
export interface StartFlags {
  readonly runtime?: RuntimeName | 'auto' | undefined;
  readonly config?: string | undefined;
}

/** How long a config file may take to load, in milliseconds. */
const loadTimeout = 60_000;

/** Starts the environment that the working directory and the options ask for, telling how it goes, and who dies later. */
export async function start({ runtime, config }: StartFlags, signal: AbortSignal): Promise<Environment> {
  // A config file may wait for whatever it likes: that must not keep a signal from ending it.
  const loading = loadDefinition(process.cwd(), config);
  const { definition, directory } = await withDeadline(
    { ms: loadTimeout, signal, expired: () => tooLong(config) },
    () => loading,
  );
  const progress = await Progress.create(readProcessEnv());
  try {
    return await startEnvironment(definition, {
      runtime,
      signal,
      directory,
      onProgress: progress.show,
      onDeath: reportError,
      handleSignals: false,
    });
  } finally {
    progress.done();
  }
}

function tooLong(config = 'mayfly.config'): MayflyError {
  return new MayflyError('MAYFLY_CONFIG_LOAD_FAILED', {
    message: `The config file (${config}) was not loaded within ${loadTimeout} ms.`,
    remedy: 'Find out what it waits for.',
    phase: 'configure',
  });
}
