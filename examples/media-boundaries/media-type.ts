import { Refusal } from './refusal.ts';

/** How files of each type begin. */
const signatures = [
  { type: 'image/png', at: 0, signature: Buffer.from('89504e470d0a1a0a', 'hex') },
  { type: 'image/jpeg', at: 0, signature: Buffer.from('ffd8ff', 'hex') },
  { type: 'video/mp4', at: 4, signature: Buffer.from('ftyp') },
] as const;

/** What the content says that it is. Who sends something else than they say is refused. */
export function mediaType(bytes: Buffer, said: string | undefined): string {
  const found = signatures.find(({ at, signature }) => bytes.subarray(at, at + signature.length).equals(signature));
  if (found === undefined || found.type !== said) {
    throw new Refusal(
      'wrong-type',
      `It is taken if it is what it says: ${signatures.map(({ type }) => type).join(', ')}.`,
    );
  }
  return found.type;
}
