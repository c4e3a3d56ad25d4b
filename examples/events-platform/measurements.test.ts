import { measure, measurements } from './measurements.ts';
import { expect, test } from './test-context.ts';

const few = measurements({ samples: 1, publishers: 2, stored: 3, iterations: 4 });

test.for(few)('$work can be measured', async (measurement, { platform, site }) => {
  const figure = await measure(measurement, { platform, site });

  expect(figure).toEqual({
    work: measurement.work,
    unit: measurement.unit,
    median: expect.any(Number),
    worst: figure.median,
    samples: 1,
  });
});
