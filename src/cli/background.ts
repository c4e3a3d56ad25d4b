import { findProject } from '../config/config-file.ts';
import { readProcessEnv } from '../config/process-env.ts';
import { MayflyError } from '../errors/mayfly-error.ts';
import { ProjectClaim } from '../session/project-claim.ts';
import { runningSessions, type Description, type FoundSession } from '../session/session-files.ts';
import type { ProcessIdentity } from '../system/process-identity.ts';
import { isListening } from './control.ts';

/** An environment in the background that is ready. */
export interface ReadySession extends FoundSession {
  readonly description: Description;
}

/** What runs in the background for the project of the working directory. */
export class Background {
  readonly claim: ProjectClaim;
  readonly project: string;
  readonly #stateDirectory: string;

  private constructor(stateDirectory: string, project: string) {
    this.#stateDirectory = stateDirectory;
    this.project = project;
    this.claim = new ProjectClaim(stateDirectory, project);
  }

  /** @throws MayflyError `MAYFLY_SESSION_UNSAFE`. */
  static async open(): Promise<Background> {
    const { stateDirectory } = readProcessEnv();
    return new Background(stateDirectory, await findProject(process.cwd()));
  }

  /** The process that keeps the environment, ready or not. */
  get keeper(): ProcessIdentity | undefined {
    return this.claim.holder();
  }

  /** The environment, if it is ready. */
  get session(): ReadySession | undefined {
    const { keeper } = this;
    return runningSessions(this.#stateDirectory)
      .filter((session): session is ReadySession => session.description !== undefined && isListening(session.directory))
      .find(({ head }) => head.owner.pid === keeper?.pid);
  }

  /** The error for whoever needs one that is not there. */
  notRunning(): MayflyError {
    return new MayflyError('MAYFLY_NOT_RUNNING', {
      message: `No environment runs in the background for ${this.project}.`,
      remedy: 'Start one with `mayfly up`.',
      phase: 'run',
    });
  }
}
