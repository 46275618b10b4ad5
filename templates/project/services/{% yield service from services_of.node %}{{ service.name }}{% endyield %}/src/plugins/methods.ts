/** 405 for a path that is known and a method that it does not have. */
import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problems.ts';

/** Begins to note the methods of each path; what it returns makes all others answer 405. */
export function watchMethods(app: FastifyInstance): () => void {
  const paths = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = paths.get(url) ?? new Set();
    paths.set(url, new Set([...known, ...[method].flat()]));
  });
  return () => {
    for (const [url, known] of [...paths]) {
      const allow = [...known].sort().join(', ');
      app.route({
        url,
        method: app.supportedMethods.filter((method) => !known.has(method)),
        schema: { hide: true },
        // Before a body is read, which might be refused for another reason.
        onRequest: async (_request, reply) => sendProblem(reply.header('allow', allow), 405),
        handler: () => undefined,
      });
    }
  };
}
