import { join } from 'node:path';

const migrations = join(import.meta.dirname, '..', 'migrations');

/** A config file whose databases take a moment to be made. */
export const withMigrations = `export default { migrations: ${JSON.stringify(migrations)} };\n`;
