import type { IncomingMessage, ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { createRequestListener } from '@remix-run/node-fetch-server';
import { appInvalid } from './app-failure.ts';
import type { FetchHandler, NodeListener } from './app.ts';

/** What becomes of an application's requests. */
export interface Handling {
  /** Hears of an error that nobody caught; the request is answered with 500. */
  readonly keep: (text: string) => void;
  /** Hears of work that has begun. */
  readonly track: (work: Promise<unknown>) => void;
}

/** A Node listener that answers with what a fetch handler gives. */
export function fromFetch(handler: FetchHandler, { keep, track }: Handling): NodeListener {
  const answer = async (request: Request): Promise<Response> => {
    try {
      const answered: unknown = await handler(request);
      if (!isResponse(answered)) {
        throw noResponse(answered);
      }
      return answered;
    } catch (error) {
      // Whoever has left is not told, and that is not the handler's fault.
      if (request.signal.aborted) {
        throw error;
      }
      keep(`${request.method} ${new URL(request.url).pathname}: ${inspect(error)}`);
      return new Response('Internal Server Error', { status: 500 });
    }
  };
  const tracked = (request: Request): Promise<Response> => {
    const work = answer(request);
    track(work);
    return work;
  };
  // Of a body that fails while it is being sent.
  return createRequestListener(tracked, { onError: (error) => keep(`while answering: ${inspect(error)}`) });
}

/** A Node listener whose errors are answered, where it leaves them to nobody. */
export function fromListener(listener: NodeListener, { keep, track }: Handling): NodeListener {
  return (request, response) => {
    const answer = async (): Promise<void> => {
      const given: unknown = await listener(request, response);
      if (isResponse(given)) {
        throw givesResponse();
      }
    };
    const work = answer().catch((error: unknown) => {
      keep(`${request.method} ${request.url}: ${inspect(error)}`);
      fail(request, response);
    });
    track(work);
  };
}

function fail(request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent) {
    // What has been sent must not look as if it were all.
    request.socket.destroy();
  } else {
    response.writeHead(500, { 'content-type': 'text/plain' }).end('Internal Server Error');
  }
}

/** Also of another implementation than the global one. */
function isResponse(value: unknown): value is Response {
  return typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Response]';
}

function noResponse(given: unknown): Error {
  return appInvalid(
    `The application is taken as a fetch handler and gave no Response but ${inspect(given, { depth: 0 }).slice(0, 100)}.`,
    'Return a Response; where it is a Node listener, write `{ listener }`.',
  );
}

function givesResponse(): Error {
  return appInvalid(
    'The application is taken as a Node listener, for its two parameters, and gave a Response.',
    'Where it is a fetch handler, write `{ fetch }`.',
  );
}
