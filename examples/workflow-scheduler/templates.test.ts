import { describe } from 'vitest';
import { Templates } from './templates.ts';
import { expect, test as base } from './test-context.ts';

const test = base.extend('templates', ({ pg }) => new Templates(pg));

const once = { action: 'dump', maxAttempts: 1 };

describe('a template', () => {
  test('of the migrations is there before the first test', async ({ templates }) => {
    expect(await templates.find('nightly-backup')).toEqual([
      { action: 'dump', maxAttempts: 1 },
      { action: 'upload', maxAttempts: 4 },
      { action: 'verify', maxAttempts: 2 },
    ]);
  });

  test('that is missing is a named error, which says what there is', async ({ templates }) => {
    await expect(templates.find('hourly-backup')).rejects.toMatchObject({
      name: 'UnknownName',
      code: 'unknown-template',
      message: 'There is no template "hourly-backup". There are: nightly-backup, weekly-digest.',
    });
  });

  test('that is missing is created on request', async ({ templates }) => {
    expect(await templates.ensure('hourly-backup', [once])).toBe('created');

    expect(await templates.find('hourly-backup')).toEqual([once]);
  });

  test('that is there stays as it is when it is asked for again', async ({ templates }) => {
    expect(await templates.ensure('nightly-backup', [once])).toBe('found');

    expect(await templates.find('nightly-backup')).toHaveLength(3);
  });

  test('is created once, whole, by however many at the same time', async ({ templates }) => {
    const steps = [once, { action: 'upload', maxAttempts: 2 }] as const;

    const answers = await Promise.all(Array.from({ length: 20 }, async () => templates.ensure('hourly-backup', steps)));

    expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
    expect(await templates.find('hourly-backup')).toEqual(steps);
  });
});

describe('a schedule', () => {
  test('of a template that is missing is a named error, and is not made', async ({ make, schedules }) => {
    await expect(make.schedule({ name: 'hourly', template: 'hourly-backup' })).rejects.toMatchObject({
      code: 'unknown-template',
      message: expect.stringContaining('There are: nightly-backup, weekly-digest.'),
    });

    await expect(schedules.find('hourly')).rejects.toMatchObject({ code: 'unknown-schedule' });
  });

  test('that is missing is a named error, which says what there is', async ({ make, schedules }) => {
    await make.schedule({ name: 'weekly' });

    await expect(schedules.find('hourly')).rejects.toMatchObject({
      name: 'UnknownName',
      code: 'unknown-schedule',
      message: 'There is no schedule "hourly". There are: weekly.',
    });
  });

  test('of a template of its own needs no more than a request for both', async ({ make, schedules }) => {
    const template = await make.template([once]);
    const schedule = await make.schedule({ template });

    expect(await schedules.find(schedule.name)).toEqual(schedule);
  });

  test('that is there stays as it is when it is asked for again', async ({ make }) => {
    const schedule = await make.schedule({ everySeconds: 60 });

    expect(await make.schedule({ ...schedule, everySeconds: 3_600 })).toEqual(schedule);
  });

  test('of one test is unknown to all others', async ({ pg }) => {
    expect((await pg.query('SELECT name FROM schedule')).rows).toEqual([]);
  });
});
