import { expect, test } from 'vitest';
import { isLoopback } from './loopback.ts';

test.each(['localhost:1', 'app.localhost', '127.0.0.1:8080', '127.1.2.3', '[::1]:1', '0.0.0.0', 'LOCALHOST'])(
  '%s is this machine',
  (host) => expect(isLoopback(`http://${host}/`)).toBe(true),
);

test.each(['mail.example', 'localhost.example', '127.example', '128.0.0.1', '[::2]', '10.0.0.1'])('%s is not', (host) =>
  expect(isLoopback(`https://${host}/`)).toBe(false),
);
