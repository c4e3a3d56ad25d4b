import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDirectory } from '../../../../fixtures/harness/directories.ts';
import { isRoot } from '../../../../fixtures/harness/users.ts';
import { createCache } from './create-cache.ts';

test('a cache is made with the directories on the way to it, which the user of the servers may enter', async () => {
  const home = makeDirectory();
  const umask = process.umask(0o077);

  await createCache(join(home, 'a', 'b')).finally(() => process.umask(umask));
  await createCache(join(home, 'a', 'b'));

  const modes = ['a', 'a/b'].map((name) => statSync(join(home, name)).mode & 0o777);
  expect(modes).toEqual(isRoot ? [0o755, 0o755] : [0o700, 0o700]);
});

test.runIf(process.platform === 'linux')('where nothing can be made, there is no cache', async () => {
  await expect(createCache('/proc/no/such')).rejects.toMatchObject({ code: 'MAYFLY_CACHE_UNUSABLE' });
});
