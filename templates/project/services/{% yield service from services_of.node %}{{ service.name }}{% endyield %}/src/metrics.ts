/** What Prometheus can ask: requests served and requests sent. */
import { Counter, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** Makes all series of one application; labels have few values, so no request can add series. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    requests: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Requests served, by route template and status class.',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    calls: new Histogram({
      name: 'http_client_request_duration_seconds',
      help: 'Requests sent to other services, repetitions counted one by one.',
      labelNames: ['callee', 'method', 'status'],
      registers,
    }),
    retries: new Counter({
      name: 'http_client_retries_total',
      help: 'Requests to other services that were repeated.',
      labelNames: ['callee'],
      registers,
    }),
    refusals: new Counter({
      name: 'http_client_refusals_total',
      help: 'Requests to other services that were not sent, because the circuit breaker was open.',
      labelNames: ['callee'],
      registers,
    }),
  };
}
