import { EventEmitter } from 'node:events';
import type { WebSocketServer } from 'ws';
import { collectEvents } from './collect-events.ts';
import { nextEvent } from './next-event.ts';

const box = new EventEmitter<{ sold: [seat: string, price: number]; closed: [] }>();
declare const sockets: WebSocketServer;

// The arguments of an emitter that says what it emits, in the filter too.
const sold: Promise<[seat: string, price: number]> = nextEvent(box, 'sold', { filter: ([, price]) => price > 1 });
const several: Promise<[seat: string, price: number][]> = collectEvents(box, 'sold', 2);
// Of one that does not, what the test says.
const connection: Promise<[WebSocket]> = nextEvent<[WebSocket]>(sockets, 'connection');
const unknown: Promise<unknown[]> = nextEvent(new EventEmitter(), 'sold');
const aborted: Promise<Event> = nextEvent(new AbortController().signal, 'abort');

// @ts-expect-error a price is a number
const wrong: Promise<[string, string]> = nextEvent(box, 'sold');

export { aborted, connection, several, sold, unknown, wrong };
