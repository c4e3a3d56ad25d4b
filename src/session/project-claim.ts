import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Claim } from './claim.ts';
import { secureStateDirectory } from './state-directory.ts';

/** The one background environment that a project directory may have. */
export class ProjectClaim extends Claim {
  /**
   * Of the given directory; nothing is claimed yet.
   *
   * @throws MayflyError `MAYFLY_SESSION_UNSAFE`.
   */
  constructor(stateDirectory: string, project: string) {
    secureStateDirectory(stateDirectory);
    const name = createHash('sha256').update(project).digest('hex').slice(0, 16);
    super(join(stateDirectory, 'projects', `${name}.json`));
  }
}
