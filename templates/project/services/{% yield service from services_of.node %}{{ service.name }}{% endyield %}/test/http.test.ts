/** What every route has in common: problem documents, metrics, health. */
import { expect, test } from 'vitest';
import { NAME } from '../src/service.ts';
import { testApp } from './support.ts';

test('the service says its name', async () => {
  const app = await testApp();
  expect((await app.inject('/')).json()).toEqual({ service: NAME, version: 'dev' });
});

test('it is alive without any dependency', async () => {
  const app = await testApp();
  expect((await app.inject('/healthz')).statusCode).toBe(200);
});

test.each([
  ['GET', '/nothing', 404],
  ['GET', '/%', 400],
  ['POST', '/healthz', 405],
  ['PROPFIND', '/healthz', 501],
] as const)('%s %s is a problem document with status %i', async (method, url, status) => {
  const app = await testApp();
  const response = await app.inject({ method: method as 'GET', url });
  expect(response.statusCode).toBe(status);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(response.json()).toMatchObject({ status });
});

test('a wrong method gets all methods of the path', async () => {
  const app = await testApp();
  const response = await app.inject({ method: 'DELETE', url: '/healthz' });
  expect(response.headers.allow).toBe('GET, HEAD');
});

test('a bug is a problem document without details, and logged', async () => {
  const app = await testApp({
    extend: (app) => {
      app.get('/bug', () => {
        throw new Error('a secret');
      });
    },
  });
  const response = await app.inject('/bug');
  expect(response.statusCode).toBe(500);
  expect(response.json()).toEqual({
    type: 'about:blank',
    title: 'Internal Server Error',
    status: 500,
  });
});

test('requests are measured by route template', async () => {
  const app = await testApp();
  await app.inject('/healthz');
  const { body } = await app.inject('/metrics');
  expect(body).toContain(
    'http_request_duration_seconds_count{method="GET",route="/healthz",status="2xx"} 1',
  );
});

test('unknown paths and methods add no series', async () => {
  const app = await testApp();
  const series = async () => (await app.inject('/metrics')).body.split('\n').length;
  await series();
  await app.inject({ method: 'PROPFIND' as 'GET', url: '/unknown' });
  const before = await series();
  for (const method of ['PROPFIND', 'MKCOL', 'LOCK']) {
    await app.inject({ method: method as 'GET', url: `/unknown/${method}` });
  }
  expect(await series()).toBe(before);
});

test('while it drains it is not ready, and connections close', async () => {
  const app = await testApp();
  app.health.draining = true;
  const response = await app.inject('/readyz');
  expect(response.statusCode).toBe(503);
  expect(response.json()).toMatchObject({ detail: 'shutting down' });
  expect((await app.inject('/healthz')).headers.connection).toBe('close');
});
