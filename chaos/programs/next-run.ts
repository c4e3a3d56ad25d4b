/** Starts an environment with as little as there can be in it, and takes it away. */
import { startEnvironment } from 'mayfly';

await using _ = await startEnvironment({ postgres: false });
