import { uniqueNames } from 'mayfly/testkit';
import { withMocks } from 'mayfly/testkit/mocks';
import { expect, mayflyTest } from 'mayfly/vitest';
import definition from './mayfly.config.ts';
import { joining } from './people.ts';
import { Sessions } from './sessions.ts';

export { expect };

/** vitest's `test`, with a media server of its own, people on it, and mocks of what lies outside. */
export const test = withMocks(mayflyTest(definition))
  .extend('site', ({ services }) => services.site)
  .extend('storage', ({ services }) => services.storage)
  .extend('names', ({ task }) => uniqueNames(task.file.filepath))
  .extend('sessions', ({ redis, services }) => new Sessions(redis, services.key))
  .extend('join', ({ names, pg: pool, sessions, site }) => joining({ names, pool, sessions, site }))
  .extend('ada', ({ join }) => join('ada'))
  .extend('bob', ({ join }) => join('bob'));
