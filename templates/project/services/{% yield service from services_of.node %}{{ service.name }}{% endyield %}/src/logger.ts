/** One JSON object per line on standard output, each with the ids of the request that it is about. */
import { context, isSpanContextValid, trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import type { Environment } from './environment.ts';

const NAMES: Record<string, string> = { warn: 'warning', fatal: 'critical' };
const LEVELS: Record<string, string> = { warning: 'warn', critical: 'fatal' };

const OUTSIDE = { trace_id: '', span_id: '' };

// Lines of a busy service are written together, after so many milliseconds at most; at the exit pino writes the rest.
const stdout = pino.destination({ minLength: 4096, periodicFlush: 100 });

/** Makes what the whole service logs with, by default to standard output. */
export function createLogger(
  environment: Environment,
  destination: DestinationStream = stdout,
): Logger {
  const level = environment.LOG_LEVEL.toLowerCase();
  const options = {
    level: LEVELS[level] ?? level,
    messageKey: 'message',
    timestamp: stdTimeFunctions.isoTime,
    base: { service: environment.SERVICE_NAME },
    formatters: { level: (label: string) => ({ level: NAMES[label] ?? label }) },
    serializers: { err: describe },
    mixin: currentIds,
  };
  return pino(options, destination);
}

function currentIds(): object {
  const span = trace.getSpanContext(context.active());
  if (!span || !isSpanContextValid(span)) return { ...OUTSIDE };
  return { trace_id: span.traceId, span_id: span.spanId };
}

/** What an error carries beside its stack may be data of a user, so it stays out of the log. */
function describe(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  return { type: error.name, message: error.message, stack: error.stack };
}
