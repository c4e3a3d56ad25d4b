/** Puts the schemas of the bundled services beside their compiled modules. */
import { copyFileSync, globSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
for (const schema of globSync('**/*.sql', { cwd: join(root, 'src') })) {
  copyFileSync(join(root, 'src', schema), join(root, 'dist', schema));
}
