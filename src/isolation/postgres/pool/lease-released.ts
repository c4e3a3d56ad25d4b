import { MayflyError } from '../../../errors/mayfly-error.ts';

/** The error for a lease that was used after it had been released. */
export function released(name?: string): MayflyError {
  return new MayflyError('MAYFLY_LEASE_RELEASED', {
    message: `The lease${name === undefined ? '' : ` "${name}"`} has been released, and its database belongs to somebody else now.`,
    remedy:
      'Use it before its release; look for what still runs when the test has ended, such as a query nobody awaits.',
    phase: 'run',
  });
}
