import { MayflyError } from '../../errors/mayfly-error.ts';

/** The error for a token that nobody is to be let in with. */
export function passRefused(reason: string, cause?: unknown): MayflyError {
  return new MayflyError('MAYFLY_PASS_REFUSED', {
    message: `The pass is not good. ${reason}`,
    remedy: 'Let its holder show the latest one, or issue another.',
    service: 'wallet',
    phase: 'run',
    cause,
  });
}
