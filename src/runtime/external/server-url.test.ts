import { describe, expect, test } from 'vitest';
import { parseServerUrl, postgresUrlRules, redisUrlRules } from './server-url.ts';

describe('the URL of a server that runs already', () => {
  test('is taken apart, with everything unescaped', () => {
    expect(parseServerUrl('postgresql://us%40er:p%2Fw@[::1]:5433/my%20db?sslmode=require', postgresUrlRules)).toEqual({
      url: expect.any(URL),
      host: '::1',
      port: 5433,
      user: 'us@er',
      password: 'p/w',
      path: 'my db',
    });
  });

  test('has the port that its kind of server usually has', () => {
    expect(parseServerUrl('postgres://host', postgresUrlRules).port).toBe(5432);
    expect(parseServerUrl('rediss://host', redisUrlRules).port).toBe(6379);
  });

  test.for([
    ['none', undefined, 'no URL is given'],
    ['nonsense', 'pass-word', 'the URL cannot be parsed'],
    ['a slash in the password', 'postgres://user:pass-word/x@host/db', 'the URL cannot be parsed'],
    ['a per cent sign in the password', 'postgres://user:pass-word%@host/db', 'the URL cannot be parsed'],
    ['another scheme', 'mysql://user:pass-word@host/db', 'a URL that begins with mysql:'],
    ['no host', 'postgres:///pass-word', 'a URL that begins with postgres:'],
  ] as const)('is refused, without its password, where there is %s', ([, text, reason]) => {
    const parse = (): unknown => parseServerUrl(text, postgresUrlRules);

    expect(parse).toThrow(
      expect.objectContaining({
        code: 'MAYFLY_EXTERNAL_URL_INVALID',
        message: expect.stringMatching(new RegExp(`${reason}.*\\. Set MAYFLY_DATABASE_URL, or postgres\\.url`)),
      }),
    );
    expect(parse).not.toThrow('pass-word');
  });

  test.for(['shop', '-1', '1.5'])('of Redis is refused where its path is %s instead of a number', (path) => {
    expect(() => parseServerUrl(`redis://:pass-word@host/${path}`, redisUrlRules)).toThrow(
      expect.objectContaining({ code: 'MAYFLY_EXTERNAL_URL_INVALID' }),
    );
  });
});
