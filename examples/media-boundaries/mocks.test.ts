import { HttpResponse } from 'msw';
import { describe } from 'vitest';
import { expect, test } from './test-context.ts';
import { titles, titlesAnswer, titlesKnow } from './titles.ts';

const years = [1921, 1922, 1924, 1927];

/** Resolves when all have come to it. */
function meeting(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  return async () => {
    arrived += 1;
    if (arrived === count) {
      resolve();
    }
    await promise;
  };
}

describe('tests at the same time', () => {
  const allAreThere = meeting(years.length);
  const allHaveAsked = meeting(years.length);

  test.concurrent.for(years)('have a service outside each: in one it is %i', async (year, { ada, mocks, site }) => {
    const { id } = await ada.store('Metropolis.png');
    mocks.use(titlesKnow(year));
    const seen = mocks.spyOn(site, 'fetch');
    await allAreThere();

    // Of one title, by four servers, at the same moment.
    const details = await ada.fetch(`/media/${id}/details`);
    await allHaveAsked();

    expect(await details.json()).toMatchObject({ year, isStale: false });
    expect(mocks.requests()).toHaveLength(1);
    expect(seen).toHaveBeenCalledOnce();
  });
});

describe('tests one after the other', () => {
  // The same twice, so that each is the next one of the other, in whatever order they run.
  test.for(['one', 'another'])('%s finds neither answers nor calls nor a cache', async (_, { ada, mocks, redis }) => {
    expect(mocks.requests()).toEqual([]);
    expect(await redis.keys('details:*')).toEqual([]);
    const { id } = await ada.store('Metropolis.png');
    mocks.use(
      titlesKnow(1927),
      titlesAnswer(() => HttpResponse.error()),
    );

    expect(await ada.fetch(`/media/${id}/details`)).toMatchObject({ status: 200 });

    expect(mocks.requests({ url: titles })).toHaveLength(1);
  });

  test.for(['one', 'another'])('%s has spies that go with it', async (_, { ada, mocks, storage }) => {
    expect(storage).not.toHaveProperty('write.mock');
    const disk = mocks.spyOn(storage, 'write').mockRejectedValueOnce(new Error('the disk is full'));

    expect(await ada.upload('Metropolis.png')).toMatchObject({ status: 500 });
    expect(await ada.upload('Metropolis.png')).toMatchObject({ status: 201 });

    expect(disk).toHaveBeenCalledTimes(2);
  });
});
