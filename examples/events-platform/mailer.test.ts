import { http, HttpResponse } from 'msw';
import { mail } from './mayfly.config.ts';
import { expect, test as base } from './test-context.ts';

const letter = { to: 'ada@example.org', subject: 'New answers: Feedback', text: 'Somebody has filled in your form.' };
const answer = (status: number) => () => new HttpResponse(null, { status, headers: { 'retry-after': '0' } });

/** Submits something to a form of Ada's, and says what happened then. */
const test = base.extend('submit', ({ platform, post }) => async () => {
  const { id } = await platform.forms.create({
    title: 'Feedback',
    owner: 'ada@example.org',
    questions: ['How was it?'],
  });
  const { status, body } = await post(`/forms/${id}/submissions`, { 'How was it?': 'good' });
  const events = await platform.store.find({ aggregate: `submission:${body.id}` });
  return { status, event: body.event.id, types: events.map(({ type }) => type) };
});

test('the owner is told once', async ({ mocks, submit }) => {
  const { status, event, types } = await submit();

  expect({ status, types }).toEqual({ status: 201, types: ['form.submitted', 'owner.notified'] });
  expect(mocks.requests()).toMatchObject([
    {
      method: 'POST',
      url: mail.url,
      headers: { authorization: `Bearer ${mail.key}`, 'idempotency-key': event },
      body: letter,
    },
  ]);
});

test('a submission counts although nobody could be told', async ({ mocks, submit }) => {
  mocks.use(http.post(mail.url, answer(500)));

  const { status, types } = await submit();

  expect({ status, types }).toEqual({ status: 201, types: ['form.submitted', 'owner.unreachable'] });
  expect(mocks.requests()).toHaveLength(1);
});

test('a provider that is not reached is no accident either', async ({ mocks, submit }) => {
  mocks.use(http.post(mail.url, () => HttpResponse.error()));

  expect(await submit()).toMatchObject({ status: 201, types: ['form.submitted', 'owner.unreachable'] });
});

test('a provider that is busy twice is asked three times for the same letter', async ({ mocks, submit }) => {
  mocks.use(http.post(mail.url, answer(429), { once: true }), http.post(mail.url, answer(429), { once: true }));

  const { event, types } = await submit();

  expect(types).toEqual(['form.submitted', 'owner.notified']);
  const requests = mocks.requests({ method: 'POST', url: mail.url });
  expect(requests.map(({ headers }) => headers['idempotency-key'])).toEqual([event, event, event]);
});

test('a provider that stays busy is left alone after three times', async ({ mocks, submit }) => {
  mocks.use(http.post(mail.url, answer(429)));

  expect(await submit()).toMatchObject({ types: ['form.submitted', 'owner.unreachable'] });
  expect(mocks.requests()).toHaveLength(3);
});
