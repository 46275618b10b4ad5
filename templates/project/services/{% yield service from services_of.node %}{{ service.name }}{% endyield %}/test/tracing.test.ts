/** Trace ids: from the caller, in log lines, on to callees; and spans. */
import { SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import type { FastifyInstance } from 'fastify';
import { expect, test, vi } from 'vitest';
import { createExporter } from '../src/exporter.ts';
import { createLogger } from '../src/logger.ts';
import { readSettings } from '../src/settings.ts';
import { Tracing, createTracing, traceHeaders } from '../src/tracing.ts';
import { ANY_URL, Log, REQUIRED, testApp } from './support.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const PARENT = `00-${TRACE}-${SPAN}-01`;

/** What GET /seen would tell a callee. */
async function see(...requests: Record<string, string>[]): Promise<string[][]> {
  const seen: string[][] = [];
  const app = await testApp({
    extend: (app) => {
      app.get('/seen', async () => {
        await new Promise(setImmediate);
        const span = trace.getSpan(context.active());
        const { traceparent = '', tracestate = '' } = span ? traceHeaders(span) : {};
        seen.push([...traceparent.split('-'), tracestate]);
        return {};
      });
    },
  });
  for (const headers of requests) await app.inject({ url: '/seen', headers });
  return seen;
}

test('the trace of the caller is carried on', async () => {
  const [seen] = await see({ traceparent: PARENT, tracestate: 'a=1,b=2' });
  expect(seen).toEqual(['00', TRACE, expect.stringMatching(/^[0-9a-f]{16}$/), '01', 'a=1,b=2']);
  expect(seen).not.toContain(SPAN);
});

test('a caller that is not sampled stays so', async () => {
  const [seen] = await see({ traceparent: `00-${TRACE}-${SPAN}-00` });
  expect(seen?.[3]).toBe('00');
});

test.each([
  '',
  'x',
  PARENT.toUpperCase(),
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `ff${PARENT.slice(2)}`,
  PARENT.repeat(99),
])('an invalid trace begins a new one: %s', async (traceparent) => {
  const [first, second] = await see({ traceparent, tracestate: 'a=1' }, { traceparent });
  expect(first?.[1]).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set([first?.[1], second?.[1], TRACE]).size).toBe(3);
  expect(first?.[4]).toBe('');
});

test('every line of a request carries its ids', async () => {
  const log = new Log();
  const app = await testApp({
    log,
    extend: (app) => {
      app.get('/telling', async ({ log }) => {
        await new Promise(setImmediate);
        log.warn('told');
        return {};
      });
    },
  });
  await app.inject({ url: '/telling', headers: { traceparent: PARENT } });
  await vi.waitFor(() => {
    expect(log.lines.map((line) => line.message)).toEqual(['told', 'GET /telling 200']);
  });
  const [told, access] = log.lines;
  expect(told?.trace_id).toBe(TRACE);
  expect(told?.span_id).not.toBe(SPAN);
  expect([access?.trace_id, access?.span_id]).toEqual([told?.trace_id, told?.span_id]);
});

/** An application whose receiver of spans is a list. */
async function traced(extend?: (app: FastifyInstance) => void) {
  const spans = new InMemorySpanExporter();
  const settings = readSettings({ ...REQUIRED, SERVICE_VERSION: '1.2.3' });
  const processor = new SimpleSpanProcessor({ exporter: spans });
  const exporter = createExporter(settings, ANY_URL, createLogger(settings, new Log()), processor);
  const app = await testApp({ tracing: new Tracing(exporter), ...(extend ? { extend } : {}) });
  return { app, spans };
}

test('a request is a span below that of its caller', async () => {
  const { app, spans } = await traced();
  await app.inject({ url: '/?token=s3cret', headers: { traceparent: PARENT } });
  await vi.waitFor(() => {
    expect(spans.getFinishedSpans()).toHaveLength(1);
  });
  const [span] = spans.getFinishedSpans();
  expect(span?.name).toBe('GET /');
  expect(span?.kind).toBe(SpanKind.SERVER);
  expect(span?.spanContext().traceId).toBe(TRACE);
  expect(span?.parentSpanContext?.spanId).toBe(SPAN);
  expect(span?.attributes).toEqual({
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'http.route': '/',
    'url.path': '/',
    'url.scheme': 'http',
  });
  expect(span?.resource.attributes).toMatchObject({ 'service.version': '1.2.3' });
});

test('a failed request is a span with an error', async () => {
  const { app, spans } = await traced((app) => {
    app.get('/bug', () => {
      throw new Error('a secret');
    });
  });
  await app.inject('/bug');
  await vi.waitFor(() => {
    expect(spans.getFinishedSpans()).toHaveLength(1);
  });
  const [span] = spans.getFinishedSpans();
  expect(span?.status.code).toBe(SpanStatusCode.ERROR);
  expect(JSON.stringify([span?.attributes, span?.events, span?.status])).not.toContain('secret');
});

test('probes, and what is not sampled, make no spans', async () => {
  const { app, spans } = await traced();
  for (const url of ['/healthz', '/readyz', '/metrics']) await app.inject(url);
  await app.inject({ url: '/', headers: { traceparent: `00-${TRACE}-${SPAN}-00` } });
  await app.inject({ url: '/nothing' });
  await vi.waitFor(() => {
    expect(spans.getFinishedSpans().map(({ name }) => name)).toEqual(['GET unmatched']);
  });
});

test.each([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: ANY_URL }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: ANY_URL, OTEL_SDK_DISABLED: 'true' }, false],
])('with %o spans are sent: %s', async (variables, sent) => {
  const settings = readSettings({ ...REQUIRED, ...variables });
  const tracing = await createTracing(settings, createLogger(settings, new Log()));
  expect(tracing.exports).toBe(sent);
  await tracing.close();
});

test('a receiver that is silent holds up the end only shortly', async () => {
  const tracer = trace.getTracer('none');
  const tracing = new Tracing({ tracer, close: () => new Promise(() => undefined) });
  vi.useFakeTimers();
  const closed = tracing.close();
  await vi.advanceTimersByTimeAsync(3000); // of the 5 seconds that an exit may take
  await expect(closed).resolves.toBeUndefined();
  vi.useRealTimers();
});
