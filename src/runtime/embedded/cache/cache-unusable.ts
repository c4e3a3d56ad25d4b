import { MayflyError } from '../../../errors/mayfly-error.ts';
import { reasonOf } from '../../../errors/reason.ts';

/**
 * The one error about a cache that cannot be used.
 *
 * @param why what was thrown, or the reason in words.
 */
export function cacheUnusable(directory: string, why: unknown): MayflyError {
  return new MayflyError('MAYFLY_CACHE_UNUSABLE', {
    message: `The cache directory ${directory} cannot be used: ${reasonOf(why)}.`,
    remedy: 'Make it readable and writable, or name another in MAYFLY_CACHE_DIR.',
    phase: 'provision',
    cause: why instanceof Error ? why : undefined,
  });
}
