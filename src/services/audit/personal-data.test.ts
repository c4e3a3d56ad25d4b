import { expect, test } from 'vitest';
import { holdsAddress, looksPersonal } from './personal-data.ts';

test.each([
  'email',
  'name',
  'phone',
  'holderName',
  'customer_email',
  'E-Mail',
  'billing.address',
  'IP',
  'phones',
  'dateOfBirth',
])('%s is the key of personal data', (key) => expect(looksPersonal(key)).toBe(true));

test.each(['amount', 'step', 'renamed', 'emailed', 'status', 'paging', 'tip', 'stripeSession', 'legal_basis', ''])(
  '%j is not the key of personal data',
  (key) => expect(looksPersonal(key)).toBe(false),
);

test.each([
  ['ada@example.com', true],
  ['write to ada.l@mail.example.org today', true],
  ['ada at example', false],
  ['@ada', false],
  ['2 @ 3.50', false],
])('%s holds an e-mail address: %s', (text, is) => expect(holdsAddress(text)).toBe(is));
