import { afterAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import type { ProgressEvent } from './progress.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

describe.skipIf(await isMissing('embedded'))('an observer of a start', () => {
  afterAll(() => expectNothingLeft(state));

  test('hears where servers run, and of every step as it begins and ends', async () => {
    const heard: ProgressEvent[] = [];
    const onProgress = (event: ProgressEvent): void => void heard.push(event);

    const environment = await startEnvironment({ postgres: false }, { runtime: 'embedded', onProgress });
    await environment.stop();

    expect(heard.map((event) => ('step' in event ? `${event.type} ${event.step.phase}` : event.type))).toEqual([
      'runtime',
      'begin start',
      'end start',
      'begin check',
      'end check',
      'begin stop',
      'end stop',
    ]);
  });

  test('does not disturb it by throwing', async () => {
    const onProgress = (): never => {
      throw new Error('no opinion was asked for');
    };

    await using environment = await startEnvironment({ postgres: false }, { runtime: 'embedded', onProgress });

    expect((await environment.health()).healthy).toBe(true);
  });
});
