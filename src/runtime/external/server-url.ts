import { MayflyError } from '../../errors/mayfly-error.ts';

/** What differs between the two kinds of server. */
interface UrlRules {
  readonly service: 'postgres' | 'redis';
  /** The variable in which the user names the server. */
  readonly variable: string;
  readonly schemes: readonly string[];
  readonly defaultPort: number;
  /** What the path without its slash must look like. */
  readonly path: RegExp;
}

export const postgresUrlRules: UrlRules = {
  service: 'postgres',
  variable: 'MAYFLY_DATABASE_URL',
  schemes: ['postgres:', 'postgresql:'],
  defaultPort: 5432,
  path: /^/,
};

export const redisUrlRules: UrlRules = {
  service: 'redis',
  variable: 'MAYFLY_REDIS_URL',
  schemes: ['redis:', 'rediss:'],
  defaultPort: 6379,
  path: /^\d*$/,
};

const encodingAdvice = 'special characters in a password must be percent-encoded';

/** The parts of a server's URL, unescaped. */
export interface ServerUrl {
  readonly url: URL;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The path without its slash: a database's name or number, or nothing. */
  readonly path: string;
}

/**
 * Takes the URL of an external server apart. The URL itself never stands in an error: it holds a password.
 *
 * @throws MayflyError `MAYFLY_EXTERNAL_URL_INVALID`.
 */
export function parseServerUrl(text: string | undefined, rules: UrlRules): ServerUrl {
  if (text === undefined) {
    throw invalid(rules, 'no URL is given');
  }
  const url = URL.parse(text);
  if (url === null) {
    throw invalid(rules, `the URL cannot be parsed; ${encodingAdvice}`);
  }
  if (!rules.schemes.includes(url.protocol) || url.hostname === '') {
    throw invalid(
      rules,
      `expected ${rules.schemes[0]}//user:password@host:port/, got a URL that begins with ${url.protocol}`,
    );
  }
  const [user = '', password = '', path = ''] = decode([url.username, url.password, url.pathname.slice(1)], rules);
  if (!rules.path.test(path)) {
    throw invalid(rules, "the path of the URL is not a database's number");
  }
  const host = url.hostname.replaceAll(/^\[|\]$/g, '');
  return { url, host, port: url.port === '' ? rules.defaultPort : Number(url.port), user, password, path };
}

function decode(parts: readonly string[], rules: UrlRules): string[] {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    throw invalid(rules, `the URL cannot be parsed; ${encodingAdvice}`);
  }
}

function invalid({ service, variable }: UrlRules, reason: string): MayflyError {
  return new MayflyError('MAYFLY_EXTERNAL_URL_INVALID', {
    message: `The external ${service} server cannot be used: ${reason}.`,
    remedy: `Set ${variable}, or ${service}.url in the definition, to the server's URL.`,
    service,
    phase: 'select',
  });
}
