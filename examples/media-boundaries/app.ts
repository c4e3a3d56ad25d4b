import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import { Accounts, type Credentials } from './accounts.ts';
import { fileName } from './file-name.ts';
import { Library } from './library.ts';
import type { MediaStorage } from './media-storage.ts';
import { mediaType } from './media-type.ts';
import { RateLimit } from './rate-limit.ts';
import { Refusal } from './refusal.ts';
import { Sessions, type Session } from './sessions.ts';
import { TitleDetails } from './title-details.ts';

export interface Parts {
  readonly pool: pg.Pool;
  readonly redis: Redis;
  readonly storage: MediaStorage;
  /** Tokens are signed with it. */
  readonly key: Uint8Array;
  /** Is told what went wrong without being anybody's mistake who asked. */
  readonly report: (error: unknown) => void;
}

/** What one may do. */
export const limits = {
  uploadBytes: 64 * 1024,
  quotaBytes: 1024 * 1024,
  signIns: { times: 5, seconds: 900 },
  uploads: { times: 20, seconds: 60 },
} as const;

interface SignedIn extends Record<string, unknown> {
  session: Session;
}
type Handler = RequestHandler<{ id: string }, unknown, unknown, Record<string, unknown>, SignedIn>;

export function mediaServer({ pool, redis, storage, key, report }: Parts): Express {
  const accounts = new Accounts(pool);
  const sessions = new Sessions(redis, key);
  const library = new Library(pool, storage);
  const details = new TitleDetails(redis);
  const signIns = new RateLimit(redis, 'sign-in', limits.signIns);
  const uploads = new RateLimit(redis, 'upload', limits.uploads);
  const app = express().disable('x-powered-by');
  const json = express.json({ limit: '4kb' });
  const file = express.raw({ type: () => true, limit: limits.uploadBytes });

  const signedIn: Handler = async (request, response, next) => {
    response.locals.session = await sessions.of(request.get('authorization'));
    next();
  };
  const notTooOften: Handler = async (_request, response, next) => {
    await uploads.pass(response.locals.session.accountId);
    next();
  };

  app.get('/health', async (_request, response) => {
    await Promise.all([pool.query('SELECT 1'), redis.ping(), storage.check()]);
    response.json({ status: 'ok' });
  });

  app.post('/accounts', json, async (request, response) => {
    await accounts.signUp(credentials(request.body), limits.quotaBytes);
    response.status(201).end();
  });

  app.post('/sessions', json, async (request, response) => {
    const given = credentials(request.body);
    // Before the password is looked at, right or wrong: otherwise one would find out by trying on.
    await signIns.pass(given.email.toLowerCase());
    response.status(201).json({ token: await sessions.begin(await accounts.identify(given)) });
  });

  app.delete('/sessions', signedIn, (async (_request, response) => {
    await sessions.end(response.locals.session);
    response.status(204).end();
  }) satisfies Handler);

  // Who may not is refused before the first byte of the file is read.
  app.post('/media', signedIn, notTooOften, file, (async (request, response) => {
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const name = fileName(request.query['name']);
    const type = mediaType(bytes, request.get('content-type'));
    response.status(201).json(await library.add(response.locals.session.accountId, { name, type, bytes }));
  }) satisfies Handler);

  app.get('/media', signedIn, (async (request, response) => {
    const { search = '' } = request.query;
    response.json(await library.search(response.locals.session.accountId, text(search)));
  }) satisfies Handler);

  app.get('/media/:id/file', signedIn, (async (request, response) => {
    const { media, bytes } = await library.read(response.locals.session.accountId, mediaId(request.params.id));
    // As what it is, whatever a browser makes of it, and to be saved rather than shown.
    response.attachment(media.name).type(media.type).set('X-Content-Type-Options', 'nosniff').send(bytes);
  }) satisfies Handler);

  app.get('/media/:id/details', signedIn, (async (request, response) => {
    const media = await library.find(response.locals.session.accountId, mediaId(request.params.id));
    response.json(await details.of(media.name.replace(/\.[^.]*$/, '')));
  }) satisfies Handler);

  app.delete('/media/:id', signedIn, (async (request, response) => {
    await library.remove(response.locals.session.accountId, mediaId(request.params.id));
    response.status(204).end();
  }) satisfies Handler);

  app.use(((error, _request, response, _next) => {
    const refusal = refusalOf(error);
    if (refusal === undefined) {
      report(error);
      response.status(500).json({ code: 'unexpected' });
      return;
    }
    if (refusal.retryAfter !== undefined) {
      response.set('Retry-After', String(refusal.retryAfter));
    }
    response.status(refusal.status).json({ code: refusal.code, message: refusal.message });
  }) satisfies ErrorRequestHandler);
  return app;
}

function credentials(body: unknown): Credentials {
  const { email, password } = (body ?? {}) as { readonly email?: unknown; readonly password?: unknown };
  return { email: text(email), password: text(password) };
}

/** A parameter that is given twice is a list, and JSON has objects: neither is text. */
function text(value: unknown): string {
  if (typeof value !== 'string') {
    throw new Refusal('invalid', 'Text was expected.');
  }
  return value;
}

function mediaId(value: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) {
    throw new Refusal('unknown-media', 'You have nothing like that.');
  }
  return value;
}

/** What Express itself refuses says so by its status. */
function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) {
    return error;
  }
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) {
    return new Refusal('too-large', `At most ${limits.uploadBytes} bytes are taken.`, { cause: error });
  }
  return typeof status === 'number' && status >= 400 && status < 500
    ? new Refusal('invalid', 'The request cannot be read.', { cause: error })
    : undefined;
}
