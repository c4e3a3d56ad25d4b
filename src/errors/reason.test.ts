import { expect, test } from 'vitest';
import { reasonOf } from './reason.ts';

const wordless = '';
const refused = new Error('connect ECONNREFUSED 127.0.0.1:5432');

test.each([
  {
    thrown: new Error('The port is taken.'),
    reason: 'The port is taken',
    what: 'an error is its message, without the full stop',
  },
  { thrown: new RangeError(wordless), reason: 'RangeError', what: 'an error without a message is its name' },
  { thrown: ' no luck. ', reason: 'no luck', what: 'a string is itself, trimmed' },
  { thrown: undefined, reason: 'undefined', what: 'nothing is said to be nothing' },
  {
    thrown: new AggregateError([refused, new Error('connect ECONNREFUSED ::1:5432'), refused], wordless),
    reason: 'connect ECONNREFUSED 127.0.0.1:5432; connect ECONNREFUSED ::1:5432',
    what: 'attempts at several addresses are each named once',
  },
  {
    thrown: new AggregateError([refused], 'All failed.'),
    reason: 'All failed',
    what: 'an aggregate with words of its own keeps them',
  },
])('$what', ({ thrown, reason }) => {
  expect(reasonOf(thrown)).toBe(reason);
});
