import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { App } from './app.ts';
import { serveApp } from './serve-app.ts';

const caller = new AsyncLocalStorage<string>();

/** Applications that answer with whose context they run in, before and after a wait. */
const forms: Readonly<Record<string, () => App>> = {
  'a fetch handler': () => async () => new Response(await whose()),
  'an application of Hono': () => new Hono().get('/', async (context) => context.text(await whose())),
  'a Node listener': () => async (_, response) => void response.end(await whose()),
  'an application of Express': () =>
    express().get('/', (_, response) => void whose().then((name) => response.send(name))),
  'an http.Server': () => createServer((_, response) => void whose().then((name) => response.end(name))),
  'an application of Fastify': () => fastify().get('/', () => whose()),
};

describe.each(Object.entries(forms))('%s', (_, make) => {
  test('runs in the context in which it was served, whoever asks', async () => {
    await using one = await caller.run('one', () => serveApp(make()));
    await using other = await caller.run('other', () => serveApp(make()));

    await caller.run('whoever asks', async () => {
      expect(await (await one.fetch('/')).text()).toBe('one one');
      expect(await (await other.fetch('/')).text()).toBe('other other');
    });
  });

  test('does so for every request of a connection', async () => {
    await using app = await caller.run('one', () => serveApp(make()));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });

    const answers = await Promise.all([1, 2, 3].map(() => ask(app.port, agent)));

    agent.destroy();
    expect(answers).toEqual(['one one', 'one one', 'one one']);
  });
});

test('what comes in on a WebSocket is heard in the context in which its server was served', async () => {
  const server = createServer();
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.send(`connected to ${caller.getStore()}`);
    socket.on('message', () => socket.send(`heard by ${caller.getStore()}`));
  });
  await using app = await caller.run('one', () => serveApp(server));
  const client = new WebSocket(app.websocketUrl());

  const connected = (await once(client, 'message')) as [MessageEvent];
  client.send('hello');
  const heard = (await once(client, 'message')) as [MessageEvent];

  expect([connected[0].data, heard[0].data]).toEqual(['connected to one', 'heard by one']);
});

async function whose(): Promise<string> {
  const before = caller.getStore();
  await Promise.resolve();
  return `${before} ${caller.getStore()}`;
}

async function ask(port: number, agent: Agent): Promise<string> {
  const [response] = (await once(get({ host: '127.0.0.1', port, agent }), 'response')) as [IncomingMessage];
  response.setEncoding('utf8');
  return (await response.toArray()).join('');
}
