/** What is sent to a receiver of spans, and what is said when it is away. */
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createComplaints, createExporter, readHeaders } from '../src/exporter.ts';
import { createLogger } from '../src/logger.ts';
import { readSettings } from '../src/settings.ts';
import { Log, REQUIRED } from './support.ts';

test('the receiver gets headers and the standard name', async () => {
  let received: IncomingMessage | undefined;
  let body = '';
  const server = createServer((request, response) => {
    received = request;
    request.setEncoding('latin1').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => response.end());
  }).listen(0);
  onTestFinished(() => void server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const settings = readSettings({
    ...REQUIRED,
    OTEL_EXPORTER_OTLP_HEADERS: 'key=s3cret%20one, other=2',
    OTEL_SERVICE_NAME: 'standard',
  });
  const exporter = createExporter(settings, endpoint, createLogger(settings, new Log()));
  exporter.tracer.startSpan('any').end();
  await exporter.close();
  expect(received?.url).toBe('/v1/traces');
  expect(received?.headers).toMatchObject({ key: 's3cret one', other: '2' });
  expect(body).toContain('standard');
});

test.each([
  ['always_off', '1', false],
  ['parentbased_traceidratio', '0', false],
  ['parentbased_always_on', '0', true],
])('with the sampler %s and the argument %s spans are kept: %s', async (sampler, ratio, kept) => {
  const settings = readSettings({
    ...REQUIRED,
    OTEL_TRACES_SAMPLER: sampler,
    OTEL_TRACES_SAMPLER_ARG: ratio,
  });
  const exporter = createExporter(
    settings,
    'http://127.0.0.1:1',
    createLogger(settings, new Log()),
  );
  expect(exporter.tracer.startSpan('any').isRecording()).toBe(kept);
  await exporter.close();
});

test.each(['s3cret', '=s3cret', 'a=1,s3cret', 'a=%s3cret'])('%s is not a header list', (list) => {
  expect(() => readSettings({ ...REQUIRED, OTEL_EXPORTER_OTLP_HEADERS: list })).toThrow(
    /^OTEL_EXPORTER_OTLP_HEADERS is not a list like name=value,name=value$/,
  );
});

test('no headers are an empty list', () => {
  expect(readHeaders('')).toEqual({});
});

test('a receiver that is away is complained of once a minute', () => {
  const log = new Log();
  let now = 0;
  const complain = createComplaints(createLogger(readSettings(REQUIRED), log), () => now);
  for (now of [0, 1, 59_999, 60_000]) complain('it is away');
  expect(log.lines).toHaveLength(2);
});
