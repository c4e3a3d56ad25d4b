import { loadDefinition } from '../config/config-file.ts';
import { readProcessEnv } from '../config/process-env.ts';
import type { RuntimeName } from '../config/runtime-name.ts';
import type { Environment } from '../environment/environment.ts';
import { startEnvironment } from '../environment/start-environment.ts';
import { Progress } from './progress.ts';

/** The options that every command has which starts an environment. */
export interface StartFlags {
  readonly runtime?: RuntimeName | 'auto';
  readonly config?: string;
}

/** Starts the environment that the working directory and the options ask for, telling how it goes. */
export async function start({ runtime, config }: StartFlags, signal: AbortSignal): Promise<Environment> {
  const { definition } = await loadDefinition(process.cwd(), config);
  const progress = await Progress.create(readProcessEnv());
  try {
    return await startEnvironment(definition, { runtime, signal, onProgress: progress.show, handleSignals: false });
  } finally {
    progress.done();
  }
}
