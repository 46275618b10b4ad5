/** Sending spans by OTLP, in the background. */
import http from 'node:http';
import https from 'node:https';
import { DiagLogLevel, type Tracer, diag, trace } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import { NAME } from './service.ts';
import type { TracingSettings } from './tracing.ts';

const SILENCE = 60_000; // milliseconds between two complaints about a receiver

export interface Exporter {
  readonly tracer: Tracer;
  close(): Promise<void>;
}

/** Makes what sends spans to the endpoint. */
export function createExporter(
  settings: TracingSettings,
  endpoint: string,
  logger: Logger,
  processor = createProcessor(settings, endpoint),
): Exporter {
  const complain = createComplaints(logger);
  const ignore = () => undefined;
  const tell = (error: unknown) => {
    complain(error instanceof Error ? error.message : String(error));
  };
  diag.setLogger(
    { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore },
    DiagLogLevel.WARN,
  );
  setGlobalErrorHandler((error) => {
    complain(typeof error === 'string' ? error : (error.message ?? 'unknown'));
  });
  const provider = new TracerProvider({
    resource: createResource(settings),
    sampler: createSampler(settings),
    spanProcessors: [processor],
  });
  trace.setGlobalTracerProvider(provider); // for `trace.getTracer` in code of yours
  return {
    tracer: provider.getTracer(NAME),
    close: () => provider.shutdown().catch(tell),
  };
}

function createProcessor(settings: TracingSettings, endpoint: string): SpanProcessor {
  return new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({
      url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
      headers: readHeaders(settings.OTEL_EXPORTER_OTLP_HEADERS ?? ''),
      httpAgentOptions: (protocol) => (protocol === 'https:' ? https : http).globalAgent,
      timeoutMillis: settings.OTEL_EXPORTER_OTLP_TIMEOUT,
    }),
    scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
  });
}

function createResource(settings: TracingSettings) {
  const own = resourceFromAttributes({
    'service.name': settings.OTEL_SERVICE_NAME ?? settings.SERVICE_NAME,
    'service.version': settings.SERVICE_VERSION,
  });
  return defaultResource()
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector] }))
    .merge(own);
}

function createSampler(settings: TracingSettings): Sampler {
  const name = settings.OTEL_TRACES_SAMPLER;
  const root = name.endsWith('always_on')
    ? new AlwaysOnSampler()
    : name.endsWith('always_off')
      ? new AlwaysOffSampler()
      : new TraceIdRatioBasedSampler(settings.OTEL_TRACES_SAMPLER_ARG);
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

/** Reads a list like `name=value,name=value`, whose values are encoded as in an address. */
export function readHeaders(list: string): Record<string, string> {
  const pairs = list.split(',').map((pair): [string, string] => {
    const [name = '', ...value] = pair.split('=');
    return [name.trim(), decodeURIComponent(value.join('=').trim())];
  });
  return Object.fromEntries(pairs.filter(([name]) => name));
}

/** Lets one complaint through per minute: an unavailable receiver must not fill the log. */
export function createComplaints(logger: Logger, clock = Date.now): (message: string) => void {
  let next = 0;
  return (message) => {
    if (clock() < next) return;
    next = clock() + SILENCE;
    logger.warn(`spans are not sent: ${message}`);
  };
}
