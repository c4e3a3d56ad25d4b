import { getResponse, isPassthroughResponse, type RequestHandler } from 'msw';
import type { Verdict } from './network.ts';

const bypassMark = 'msw/passthrough';

/** What the first of these handlers that answers says; nothing where none does. */
export async function answer(
  handlers: readonly RequestHandler[],
  request: Request,
): Promise<Exclude<Verdict, { refusal: unknown }> | undefined> {
  // A copy: the request itself may still have to be sent.
  const response = await getResponse([...handlers], request.clone());
  if (response === undefined) {
    return undefined;
  }
  return isPassthroughResponse(response) ? 'pass' : { response };
}

/** Whether it was made by `bypass()` of MSW, which says so in a header that nobody else is to see. */
export function takeBypass({ headers }: Request): boolean {
  const accept = headers.get('accept') ?? '';
  if (!accept.includes(bypassMark)) {
    return false;
  }
  const others = accept.split(', ').filter((type) => type !== bypassMark);
  headers.set('accept', others.join(', ') || '*/*');
  return true;
}
