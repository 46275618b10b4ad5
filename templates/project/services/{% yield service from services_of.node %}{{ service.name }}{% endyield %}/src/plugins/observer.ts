/** Every request measured, logged and traced. */
import { ROOT_CONTEXT, type Span, SpanStatusCode, context, trace } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';

const METHODS = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);
// Asked every few seconds, and of no interest as long as they answer.
const QUIET = new Set(['/healthz', '/metrics', '/readyz']);

interface Outcome {
  readonly method: string;
  readonly path: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** Records the result of each request, and closes connections while the service drains. */
export const observer = fp((app, _options, done) => {
  const templates = new Map<string, string>();
  app.addHook('onRoute', ({ url }) => {
    templates.set(url, url.replaceAll(/:(\w+)/g, '{$1}'));
  });
  app.addHook('onRequest', (request, reply, next) => {
    if (app.health.draining) reply.header('connection', 'close');
    const started = performance.now();
    const route = templates.get(request.routeOptions.url ?? '') ?? 'unmatched';
    const span = app.tracing.enter(request.method, request.headers, !QUIET.has(route));
    const own = trace.setSpan(ROOT_CONTEXT, span);
    // Every answer ends as closed, also one whose client has disconnected.
    reply.raw.once('close', () => {
      const outcome = conclude(request, reply, route, performance.now() - started);
      context.with(own, record, undefined, app, span, outcome);
    });
    context.with(own, next);
  });
  done();
});

function conclude(
  request: FastifyRequest,
  reply: FastifyReply,
  route: string,
  milliseconds: number,
): Outcome {
  return {
    method: METHODS.has(request.method) ? request.method : 'other',
    path: request.url.split('?', 1)[0] ?? '',
    route,
    status: reply.raw.headersSent ? reply.statusCode : 499, // as nginx calls it when the client has left
    seconds: milliseconds / 1000,
  };
}

function record(app: FastifyInstance, span: Span, outcome: Outcome): void {
  const { method, path, route, status, seconds } = outcome;
  app.metrics.requests.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds);
  if (!QUIET.has(route)) {
    const milliseconds = Math.round(seconds * 10_000) / 10;
    app.log.info({ route, status, milliseconds }, `${method} ${path} ${status}`);
  }
  if (span.isRecording()) describe(span, outcome);
  span.end();
}

function describe(span: Span, { method, path, route, status }: Outcome): void {
  span.updateName(`${method} ${route}`);
  span.setAttributes({
    'http.request.method': method === 'other' ? '_OTHER' : method,
    'http.response.status_code': status,
    'http.route': route,
    'url.path': path,
    'url.scheme': 'http',
  });
  if (status >= 500) {
    span.setAttribute('error.type', `${status}`);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
}
