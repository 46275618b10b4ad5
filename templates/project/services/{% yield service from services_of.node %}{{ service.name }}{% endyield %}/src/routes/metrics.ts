/** What Prometheus reads. */
import type { FastifyPluginCallback } from 'fastify';

export const metrics: FastifyPluginCallback = (app, _options, done) => {
  const { registry } = app.metrics;
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
  done();
};
