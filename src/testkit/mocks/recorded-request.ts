import { matchRequestUrl } from 'msw';

/** A request to the outside that a test made, or that was made on its behalf. */
export interface RecordedRequest {
  /** `'POST'` */
  readonly method: string;
  /** With its query. */
  readonly url: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** What JSON says where it is JSON, otherwise text; `undefined` where there is none. */
  readonly body: unknown;
}

/** Which requests are meant: all where nothing is said. */
export interface RequestFilter {
  readonly method?: string;
  /** As handlers of MSW take it, such as `'https://mail.example/letters/:id'`: the query does not count. */
  readonly url?: string | RegExp;
}

export async function readRequest(request: Request): Promise<RecordedRequest> {
  const { method, url, headers } = request;
  return { method, url, headers: Object.fromEntries(headers), body: bodyOf(headers, await request.text()) };
}

export function isMeant({ method, url }: RecordedRequest, filter: RequestFilter): boolean {
  const isMethod = filter.method === undefined || filter.method.toUpperCase() === method;
  return isMethod && (filter.url === undefined || matchRequestUrl(new URL(url), filter.url).matches);
}

function bodyOf(headers: Headers, text: string): unknown {
  if (text === '') {
    return undefined;
  }
  if (!/^[^;]*[/+]json\b/i.test(headers.get('content-type') ?? '')) {
    return text;
  }
  try {
    return JSON.parse(text);
  } catch {
    // Whoever looks at it is to see what was sent.
    return text;
  }
}
