import { withMocks } from 'mayfly/testkit/mocks';
import { expect, mayflyTest } from 'mayfly/vitest';
import { http, HttpResponse } from 'msw';
import { poster, subscriber } from './clients.ts';
import definition, { mail, platformOn } from './mayfly.config.ts';

export { expect };

/** vitest's `test` with the platform, its server and clients of it. The e-mail provider takes what it is given. */
export const test = withMocks(
  mayflyTest(definition)
    .extend('platform', ({ services }) => services.platform)
    .extend('site', ({ services }) => services.site)
    .extend('post', ({ site }) => poster(site))
    .extend('subscribe', ({ site, signal }) => subscriber(site, signal))
    .extend(
      'openAnother',
      ({ lease }) =>
        async () =>
          platformOn(lease.pool, lease.redis),
    ),
  { handlers: [http.post(mail.url, () => new HttpResponse(null, { status: 202 }))] },
);
