import { expect, test } from 'vitest';
import { describeClient, readClientList } from './client-list.ts';

const line = (id: number, fields: string): string =>
  `id=${id} addr=127.0.0.1:400${id} laddr=127.0.0.1:6379 fd=8 ${fields} age=0 idle=0`;

const reply = [
  line(1, 'name=checkout flags=N db=3 user=one'),
  line(2, 'name= flags=P db=0 user=two'),
  line(3, 'name=leaving flags=NA db=3 user=one'),
  line(4, 'name=older flags=b db=4'),
  '',
].join('\n');

test('of a list of clients those count that do not leave already', () => {
  expect(readClientList(reply)).toEqual([
    { id: 1, address: '127.0.0.1:4001', name: 'checkout', database: 3, user: 'one' },
    { id: 2, address: '127.0.0.1:4002', name: '', database: 0, user: 'two' },
    { id: 4, address: '127.0.0.1:4004', name: 'older', database: 4, user: '' },
  ]);
});

test('where the list is refused nobody is known', () => {
  expect(readClientList(new Error('NOPERM'))).toEqual([]);
});

test('a client is described by its name, if it has one, and its address', () => {
  expect(readClientList(reply).map(describeClient)).toEqual([
    'checkout (127.0.0.1:4001)',
    '127.0.0.1:4002',
    'older (127.0.0.1:4004)',
  ]);
});
