/** What becomes of bodies: which are read, and which are refused. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { expect, test, vi } from 'vitest';
import { dropRest } from '../src/plugins/body.ts';
import { testApp } from './support.ts';

const MAX_BODY = 200_000; // bytes

function echoApp(): Promise<FastifyInstance> {
  return testApp({
    variables: { MAX_BODY_BYTES: String(MAX_BODY) },
    extend: (app) => {
      app.post('/echo', ({ body }) => ({ body }));
    },
  });
}

async function post(payload: string | Buffer | Readable, type = 'application/json') {
  const app = await echoApp();
  const headers = { 'content-type': type };
  return app.inject({ method: 'POST', url: '/echo', headers, payload });
}

test.each(['application/json', 'application/json; charset=utf-8', 'application/merge-patch+json'])(
  'a body of the type %s is read',
  async (type) => {
    expect((await post('{"a": 1}', type)).json()).toEqual({ body: { a: 1 } });
  },
);

test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])(
  'a body of the type %s is refused',
  async (type) => {
    expect((await post('{"a": 1}', type)).statusCode).toBe(415);
  },
);

test.each([
  ['nothing', ''],
  ['half an object', '{'],
  ['no number', '{"a": NaN}'],
  ['arrays without end', '['.repeat(100_000)],
  ['what is not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ['what would change a prototype', '{"__proto__": {"admin": true}}'],
])('%s is not JSON', async (_what, payload) => {
  expect((await post(payload)).statusCode).toBe(400);
});

const large = `"${'x'.repeat(MAX_BODY)}"`;

test.each([
  ['declared', large],
  ['in chunks', Readable.from([large.slice(0, 9), large.slice(9)])],
])('a body that is too large is refused: %s', async (_how, payload) => {
  const response = await post(payload);
  expect(response.statusCode).toBe(413);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(response.headers.connection).toBe('close');
});

test('the rest of a body is read before the answer', async () => {
  const body = Readable.from(['some', 'more']);
  await dropRest(Object.assign(body, { headers: {} }) as unknown as IncomingMessage, MAX_BODY);
  expect(body.readableEnded).toBe(true);
});

test('a body that does not end is given up', async () => {
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
  const endless = new Readable({ read: () => undefined });
  await dropRest(Object.assign(endless, { headers: {} }) as unknown as IncomingMessage, MAX_BODY);
  expect(endless.readableEnded).toBe(false);
});

async function askFirst(length: number): Promise<{ status: number | undefined; told: boolean }> {
  const app = await echoApp();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const headers = {
    'content-type': 'application/json',
    'content-length': length,
    expect: '100-continue',
  };
  const sent = request({ host: '127.0.0.1', port, path: '/echo', method: 'POST', headers });
  let told = false;
  sent.on('continue', () => {
    told = true;
    sent.end('1'.repeat(length));
  });
  sent.flushHeaders();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  sent.destroy();
  return { status: response.statusCode, told };
}

test('a client that asks before sending a small body gets 100 Continue', async () => {
  expect(await askFirst(1)).toEqual({ status: 200, told: true });
});

test('who asks before sending a large body is refused at once', async () => {
  expect(await askFirst(MAX_BODY + 1)).toEqual({ status: 413, told: false });
});
