import { syncBuiltinESMExports } from 'node:module';
import { ClientRequestInterceptor } from '@mswjs/interceptors/ClientRequest';
import { FetchInterceptor } from '@mswjs/interceptors/fetch';
import { HttpRequestInterceptor } from '@mswjs/interceptors/http';
import type { MayflyError } from '../../errors/mayfly-error.ts';

/** What becomes of a request. */
export type Verdict = { readonly response: Response } | { readonly refusal: MayflyError } | 'pass';

/** Who decides on requests, in the async context of whoever makes them. */
export interface Judge {
  decide(request: Request): Promise<Verdict>;
}

/**
 * Has every HTTP request of this process decided on, until the function that it gives is called.
 *
 * Stands on what MSW stands on rather than on its `setupServer`: that does not see clients that open sockets of their own,
 * as undici does, and it finds handlers by async context (`boundary`), while what the tests of a file share, as an
 * application that was started in `beforeAll`, is in that of none of them.
 */
export function interceptRequests(judge: Judge): () => void {
  const requests = new HttpRequestInterceptor();
  // oxlint-disable-next-line typescript/no-misused-promises -- it awaits what its listeners return
  requests.on('request', async ({ request, controller }) => {
    const verdict = await judge.decide(request);
    if (verdict === 'pass') {
      return;
    }
    if ('refusal' in verdict) {
      controller.errorWith(verdict.refusal);
    } else if (verdict.response.type === 'error') {
      // Not left to the interceptors: they know it by the global `Response`, of which `@hono/node-server` makes another.
      controller.errorWith(new TypeError('Network error'));
    } else {
      controller.respondWith(verdict.response);
    }
  });
  // Nobody listens to the last two: they mark sockets as those of HTTP, whose clients may be slow to say so. One that is
  // not marked is let pass where its client begins by listening, as one of a database may.
  const interceptors = [requests, new ClientRequestInterceptor(), new FetchInterceptor()];
  interceptors.forEach((interceptor) => interceptor.apply());
  // So that `import { request } from 'node:http'` finds what they have changed.
  syncBuiltinESMExports();
  return () => {
    interceptors.forEach((interceptor) => interceptor.dispose());
    syncBuiltinESMExports();
  };
}
