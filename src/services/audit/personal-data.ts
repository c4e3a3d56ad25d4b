import type { z } from 'zod';
import { storableText } from '../database/storable.ts';

/** Words that name what is known of a person. */
const personal: ReadonlySet<string> = new Set(
  [
    'name firstname lastname surname fullname username nickname',
    'email mail phone telephone mobile address street postcode zip ip',
    'birthday birthdate birth dob age gender nationality passport ssn iban card cvc',
    'dietary allergy allergies health religion password',
  ].flatMap((words) => words.split(' ')),
);

/** Whether a key is that of a person's data, such as `email`, `holderName` or `phone_number`. */
export function looksPersonal(key: string): boolean {
  const words = key.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.split(/[^a-z]+/).some((word) => personal.has(word) || personal.has(word.replace(/s$/, '')));
}

/** Whether there is an e-mail address in a text. */
export function holdsAddress(text: string): boolean {
  return /[^\s@]@[^\s@.]+\.[^\s@]/.test(text);
}

/** Text of which nothing can be erased, such as an identifier: what is seen to be an e-mail address is refused. */
export function textOfNobody(longest: number): z.ZodType<string> {
  return storableText(longest).refine(
    (text) => !holdsAddress(text),
    'expected nothing personal, and this holds an e-mail address',
  );
}
