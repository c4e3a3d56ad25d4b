import { http, HttpResponse, type RequestHandler } from 'msw';

/** The service outside that knows titles. */
export const titles = 'https://titles.example/search';

/** What it answers from here on. Nothing of it is kept from call to call. */
export function titlesAnswer(make: () => Response): RequestHandler {
  return http.get(titles, make);
}

export function titlesKnow(year: number): RequestHandler {
  return titlesAnswer(() => HttpResponse.json({ year, poster: 'https://titles.example/poster' }));
}
