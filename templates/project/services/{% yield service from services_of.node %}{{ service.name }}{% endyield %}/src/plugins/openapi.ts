/** The description of all routes, as OpenAPI 3.1. */
import swagger from '@fastify/swagger';
import fp from 'fastify-plugin';
import { NAME } from '../service.ts';

export const openapi = fp(async (app) => {
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: NAME, version: '1' } },
    refResolver: {
      buildLocalReference: (schema, _baseUri, _fragment, index) =>
        typeof schema.$id === 'string' ? schema.$id : `Schema${index}`,
    },
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
});
