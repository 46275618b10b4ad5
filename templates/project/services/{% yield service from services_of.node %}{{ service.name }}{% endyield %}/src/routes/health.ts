/** Is the process alive, and may it have traffic? */
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { HttpError } from '../plugins/problems.ts';
import { ref } from '../ref.ts';
import { NAME } from '../service.ts';

const TIMEOUT = 800; // milliseconds; who asks /readyz waits one second at most

/** Returns why the service is not ready, or undefined when nothing is wrong. */
export type Check = () => Promise<string | undefined>;

/** What readiness depends on. */
export interface Health {
  draining: boolean;
  readonly checks: Check[];
}

const About = Type.Object({ service: Type.String(), version: Type.String() }, { $id: 'About' });
const Status = Type.Object({ status: Type.String() }, { $id: 'Health' });

export const health: FastifyPluginCallbackTypebox = (app, _options, done) => {
  app.addSchema(About);
  app.addSchema(Status);
  const tags = ['operations'];

  app.get(
    '/',
    {
      schema: {
        tags,
        operationId: 'about',
        summary: 'Say which service this is',
        response: { 200: ref(About) },
      },
    },
    () => ({ service: NAME, version: app.settings.SERVICE_VERSION }),
  );

  app.get(
    '/healthz',
    {
      schema: {
        tags,
        operationId: 'alive',
        summary: 'Say that the process is alive; asks nothing of anyone',
        response: { 200: ref(Status) },
      },
    },
    () => ({ status: 'ok' }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        tags,
        operationId: 'ready',
        summary: 'Say whether this instance may have traffic',
        response: { 200: ref(Status) },
      },
    },
    async () => {
      if (app.health.draining) throw new HttpError(503, 'shutting down');
      const reasons = await ask(app.health.checks);
      if (reasons.length > 0) throw new HttpError(503, reasons.join('; '));
      return { status: 'ok' };
    },
  );
  done();
};

async function ask(checks: Check[]): Promise<string[]> {
  let timer;
  const late = new Promise<string[]>((resolve) => {
    timer = setTimeout(resolve, TIMEOUT, [`not checked within ${TIMEOUT} ms`]);
  });
  const all = Promise.all(checks.map((check) => check()));
  const answered = all.then((reasons) => reasons.filter((reason) => reason !== undefined));
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}
