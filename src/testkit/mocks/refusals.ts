import { MayflyError } from '../../errors/mayfly-error.ts';

/** A request to the outside. */
export interface Call {
  readonly method: string;
  readonly url: string;
}

/** Without the query and what stands before the host, in which secrets may be. */
export function nameOf({ method, url }: Call): string {
  const { protocol, host, pathname } = new URL(url);
  return `${method} ${protocol}//${host}${pathname}`;
}

/** What a test requested and no mock of it answered. */
export function unhandled(test: string, calls: readonly [Call, ...Call[]]): MayflyError {
  const names = calls.map(nameOf);
  const counted = [...new Set(names)].map((name) => {
    const count = names.filter((other) => other === name).length;
    return count === 1 ? name : `${name} (${count} times)`;
  });
  return new MayflyError('MAYFLY_REQUEST_UNHANDLED', {
    message: `"${test}" requested ${counted.join(', ')}, and no mock answered. It did not leave this machine.`,
    remedy: `Mock it, as with mocks.use(${exampleFor(calls[0])}), or let it pass with passthrough() of msw.`,
    phase: 'run',
  });
}

/** What was requested when it could not be told for which test. */
export function outside(call: Call, running: readonly string[]): MayflyError {
  const [when, remedy] =
    running.length === 0
      ? ['while no test was running', 'Request it in a test, or have it answered by `handlers` of withMocks().']
      : [
          `while ${running.map((name) => `"${name}"`).join(' and ')} were running, and not by one of them`,
          'Start in each test what requests it, or do not run these tests concurrently.',
        ];
  return new MayflyError('MAYFLY_MOCK_OUTSIDE_TEST', {
    message: `${nameOf(call)} was requested ${when}. It did not leave this machine.`,
    remedy,
    phase: 'run',
  });
}

/** What was requested for a test that had ended. */
export function late(test: string, call: Call): MayflyError {
  return new MayflyError('MAYFLY_MOCK_LEFT', {
    message: `${nameOf(call)} was requested by "${test}", or what it had started, after that test had ended.`,
    remedy: 'Await in the test all that it begins; start in beforeAll what several tests share.',
    phase: 'run',
  });
}

function exampleFor({ method, url }: Call): string {
  const { protocol, host, pathname } = new URL(url);
  const name = method.toLowerCase();
  const known = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'].includes(name);
  return `http.${known ? name : 'all'}('${protocol}//${host}${pathname}', …)`;
}
