import { Refusal } from './refusal.ts';

const longest = 120;

/**
 * A name that a file may be given. It names a file for people and is never part of a path, and yet nothing that would be
 * one is let in: somebody will download the file by this name.
 */
export function fileName(value: unknown): string {
  const name = typeof value === 'string' ? value.normalize('NFC') : '';
  const isName =
    name !== '' &&
    name.length <= longest &&
    // Neither separators of any system, nor what a terminal or a header would obey, nor what turns the text around.
    !/[/\\:\p{Cc}\p{Cf}\p{Cs}]/u.test(name) &&
    // Not hidden, no "..", and nothing that Windows would cut off.
    !/^[.\s]|[.\s]$/.test(name);
  if (!isName) {
    throw new Refusal('invalid', 'That is no name for a file.');
  }
  return name;
}
