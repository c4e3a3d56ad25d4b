import { expect, test as base } from './test-context.ts';

const feedback = { title: 'Feedback', owner: 'ada@example.org', questions: ['What was good?', 'What was not?'] };
const answers = { 'What was good?': 'the music', 'What was not?': 'the queue' };

const test = base.extend('formId', async ({ post }) => {
  const { body } = await post('/forms', feedback);
  return body.id;
});

test('a form, what is submitted to it and the notice to its owner refer to each other', async ({ post, site }) => {
  const form = await post('/forms', feedback);
  expect(form).toMatchObject({ status: 201, body: { event: { type: 'form.created', refersTo: null } } });

  const submission = await post(`/forms/${form.body.id}/submissions`, answers);
  expect(submission).toMatchObject({ status: 201, body: { notified: true } });

  const events = await site.fetch('/events');
  expect(await events.json()).toMatchObject([
    { id: form.body.event.id, type: 'form.created', aggregate: `form:${form.body.id}` },
    {
      id: submission.body.event.id,
      type: 'form.submitted',
      aggregate: `submission:${submission.body.id}`,
      sequence: 1,
      payload: { form: form.body.id },
      refersTo: form.body.event.id,
    },
    {
      type: 'owner.notified',
      aggregate: `submission:${submission.body.id}`,
      sequence: 2,
      refersTo: submission.body.event.id,
    },
  ]);
});

test('a form says how much was submitted to it, also where that was cached', async ({ formId, post, site, redis }) => {
  const find = async () => (await site.fetch(`/forms/${formId}`)).json();
  expect(await find()).toMatchObject({ title: 'Feedback', submissions: 0 });
  expect(await redis.exists(`cache:form:${formId}`)).toBe(1);

  await post(`/forms/${formId}/submissions`, answers);

  expect(await find()).toMatchObject({ submissions: 1 });
});

test.for([
  ['an answer that is missing', { 'What was good?': 'the music' }],
  ['an answer that is empty', { ...answers, 'What was not?': '' }],
  ['an answer that is no text', { ...answers, 'What was not?': 7 }],
  ['a list', [answers]],
] as const)('%s is refused, and nobody is told', async ([, given], { formId, mocks, post, site }) => {
  expect(await post(`/forms/${formId}/submissions`, given)).toMatchObject({ status: 400, body: { code: 'invalid' } });

  expect(await (await site.fetch('/events')).json()).toMatchObject([{ type: 'form.created' }]);
  expect(mocks.requests()).toEqual([]);
});

test.for([
  ['without questions', { questions: [] }],
  ['without a title', { title: '' }],
  ['whose owner has no address', { owner: 'Ada' }],
] as const)('a form %s is refused', async ([, fields], { post }) => {
  expect(await post('/forms', { ...feedback, ...fields })).toMatchObject({ status: 400, body: { code: 'invalid' } });
});

test.for(['0', crypto.randomUUID()])('there is no form %s', async (id, { post }) => {
  expect(await post(`/forms/${id}/submissions`, answers)).toMatchObject({ status: 404 });
});
