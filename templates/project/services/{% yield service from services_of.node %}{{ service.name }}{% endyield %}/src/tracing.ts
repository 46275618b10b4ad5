/** Which request is this? Ids from the caller, for log lines and callees; spans, where they are wanted. */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  TraceFlags,
  type Tracer,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  isSpanContextValid,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { Logger } from 'pino';
import { type Static, Type } from 'typebox';
import { Environment, HttpUrl, defineFormat } from './environment.ts';
import type { Exporter } from './exporter.ts';

const FLUSH = 3000; // milliseconds at the end for spans that are still here

const propagator = new W3CTraceContextPropagator();
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

defineFormat('pairs', (text) => {
  try {
    return decodeURIComponent(text).length > 0 && text.split(',').every(isPair);
  } catch {
    return false;
  }
});
defineFormat('sampler', (text) =>
  /^(parentbased_)?(always_on|always_off|traceidratio)$/.test(text),
);
const Milliseconds = { minimum: 1, description: 'a number of milliseconds' };

/** The standard variables of OpenTelemetry. */
export type TracingSettings = Static<typeof TracingSettings>;
export const TracingSettings = Type.Object({
  ...Environment.properties,
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(HttpUrl),
  OTEL_EXPORTER_OTLP_HEADERS: Type.Optional(
    Type.String({ format: 'pairs', description: 'a list like name=value,name=value' }),
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: Type.Literal('http/protobuf', {
    default: 'http/protobuf',
    description: 'http/protobuf',
  }),
  OTEL_EXPORTER_OTLP_TIMEOUT: Type.Integer({ ...Milliseconds, default: 10_000 }),
  OTEL_BSP_SCHEDULE_DELAY: Type.Integer({ ...Milliseconds, default: 5000 }),
  OTEL_SDK_DISABLED: Type.Boolean({ default: false, description: 'true or false' }),
  OTEL_SERVICE_NAME: Type.Optional(Type.String()),
  OTEL_TRACES_SAMPLER: Type.String({
    format: 'sampler',
    default: 'parentbased_always_on',
    description: 'a sampler that the standard names',
  }),
  OTEL_TRACES_SAMPLER_ARG: Type.Number({
    default: 1,
    minimum: 0,
    maximum: 1,
    description: 'a number from 0 to 1',
  }),
});

/** Makes spans: real ones where they are sent somewhere, else such that only carry ids. */
export class Tracing {
  readonly #exporter: Exporter | undefined;
  readonly #tracer: Tracer | undefined;

  constructor(exporter?: Exporter) {
    this.#exporter = exporter;
    this.#tracer = exporter?.tracer;
  }

  /** Tells whether spans are sent. */
  get exports(): boolean {
    return this.#tracer !== undefined;
  }

  /** Begins the span of a request, below that of its caller. One that is not kept is not sent, nor what is below it. */
  enter(method: string, headers: IncomingHttpHeaders, kept: boolean): Span {
    const caller = headers.traceparent
      ? propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)
      : ROOT_CONTEXT;
    return kept
      ? this.start(method, SpanKind.SERVER, {}, caller)
      : identify(caller, TraceFlags.NONE);
  }

  /** Begins a span below `parent`, which is by default what runs now. */
  start(name: string, kind: SpanKind, attributes: Attributes, parent = context.active()): Span {
    return this.#tracer?.startSpan(name, { kind, attributes }, parent) ?? identify(parent);
  }

  /** Sends what spans are left; a receiver that is silent does not hold up the end for long. */
  async close(): Promise<void> {
    if (!this.#exporter) return;
    const late = new Promise((resolve) => setTimeout(resolve, FLUSH).unref());
    await Promise.race([this.#exporter.close(), late]);
  }
}

/** Makes what the settings ask for; the libraries that send spans cost memory, so they are loaded only if need be. */
export async function createTracing(settings: TracingSettings, logger: Logger): Promise<Tracing> {
  if (!settings.OTEL_EXPORTER_OTLP_ENDPOINT || settings.OTEL_SDK_DISABLED) return new Tracing();
  const { createExporter } = await import('./exporter.ts');
  return new Tracing(createExporter(settings, settings.OTEL_EXPORTER_OTLP_ENDPOINT, logger));
}

/** Returns the headers that tell a callee which span its own belong to. */
export function traceHeaders(span: Span): Record<string, string> {
  const headers: Record<string, string> = {};
  propagator.inject(trace.setSpan(ROOT_CONTEXT, span), headers, defaultTextMapSetter);
  return headers;
}

function isPair(text: string): boolean {
  return /^\s*[^\s=]+\s*=/.test(text);
}

function identify(parent: Context, flags?: TraceFlags): Span {
  const above = trace.getSpanContext(parent);
  const spanId = randomId().slice(0, 16);
  if (above && isSpanContextValid(above)) {
    const { traceId, traceFlags, traceState } = above;
    const carried = traceState ? { traceId, spanId, traceState } : { traceId, spanId };
    return trace.wrapSpanContext({ ...carried, traceFlags: flags ?? traceFlags });
  }
  // Sampled, so that a callee that does send spans sends those of this request.
  const traceId = randomId();
  return trace.wrapSpanContext({ traceId, spanId, traceFlags: flags ?? TraceFlags.SAMPLED });
}

/** 32 hexadecimal digits; Node.js caches random bytes for UUIDs, while each `randomBytes` reads new ones. */
function randomId(): string {
  return randomUUID().replaceAll('-', '');
}
