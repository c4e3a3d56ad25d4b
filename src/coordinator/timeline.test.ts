import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Timeline, type TimelineEvent } from './timeline.ts';

const start = { service: 'database', phase: 'start', attempt: 1 } as const;
const check = { service: 'database', phase: 'check', attempt: 1 } as const;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

test('every step is recorded with its begin and its duration, in the order in which the steps ended', async () => {
  const timeline = new Timeline();
  const end = Promise.withResolvers<void>();

  vi.advanceTimersByTime(3);
  const starting = timeline.measure(start, () => end.promise);
  vi.advanceTimersByTime(4);
  await timeline.measure(check, async () => vi.advanceTimersByTime(5));
  end.resolve();
  await starting;

  expect(timeline.spans).toEqual([
    { ...check, startedAt: 7, duration: 5, outcome: 'ok' },
    { ...start, startedAt: 3, duration: 9, outcome: 'ok' },
  ]);
});

test('a step gives what it gave, or throws what it threw, and then says why', async () => {
  const timeline = new Timeline();
  const failure = new Error('no luck.');

  await expect(timeline.measure(start, async () => 'value')).resolves.toBe('value');
  await expect(timeline.measure(check, () => Promise.reject(failure))).rejects.toBe(failure);

  expect(timeline.spans).toMatchObject([{ outcome: 'ok' }, { outcome: 'failed', reason: 'no luck' }]);
});

test('whoever watches sees every step begin and end', async () => {
  const events: TimelineEvent[] = [];
  const timeline = new Timeline((event) => events.push(event));

  await timeline.measure(start, async () => {
    expect(events).toEqual([{ type: 'begin', step: start }]);
  });

  expect(events.slice(1)).toEqual([{ type: 'end', step: start, span: timeline.spans[0] }]);
});

test('only the last steps are kept, however many there were', async () => {
  const timeline = new Timeline();

  for (let attempt = 1; attempt <= 25_000; attempt += 1) {
    await timeline.measure({ ...start, attempt }, async () => {});
  }

  expect(timeline.spans.length).toBeLessThan(12_000);
  expect(timeline.spans.at(-1)).toMatchObject({ attempt: 25_000 });
  expect(timeline.spans.at(-10_000)).toMatchObject({ attempt: 15_001 });
});
