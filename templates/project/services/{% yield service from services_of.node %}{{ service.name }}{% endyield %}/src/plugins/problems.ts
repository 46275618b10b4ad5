/** Errors as RFC 9457 problem documents, whatever raised them. */
import { STATUS_CODES } from 'node:http';
import type {
  FastifyError,
  FastifyReply,
  FastifyRequest,
  FastifySchemaValidationError,
} from 'fastify';
import fp from 'fastify-plugin';
import { Type } from 'typebox';
import { dropRest } from './body.ts';

export const MEDIA_TYPE = 'application/problem+json';

const DETAILS: Record<number, string> = {
  400: 'the request cannot be read',
  408: 'the request took too long',
  413: 'the body is too large',
  415: 'the body must be application/json',
  431: 'the headers are too large',
  501: 'the method is not known here',
};

/** What went wrong, as RFC 9457 says it. */
export const Problem = Type.Object(
  {
    type: Type.String({ default: 'about:blank' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    errors: Type.Optional(
      Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() })),
    ),
  },
  { $id: 'Problem' },
);

interface FieldError {
  pointer: string;
  detail: string;
}

/** Ends a request with a problem document that tells its message. */
export class HttpError extends Error {
  override name = 'HttpError';
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    statusCode: number,
    message: string,
    headers: Record<string, string> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.statusCode = statusCode;
    this.headers = headers;
  }
}

/** Writes a problem document. */
export function describeProblem(status: number, detail = DETAILS[status], errors?: FieldError[]) {
  return JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail,
    errors,
  });
}

/** Makes every error a problem document, in answers and in the description of every route. */
export const problems = fp((app, _options, done) => {
  app.addSchema(Problem);
  app.addHook('onRoute', (route) => {
    const answer = {
      description: 'Problem',
      content: { [MEDIA_TYPE]: { schema: { $ref: 'Problem#' } } },
    };
    route.schema = {
      ...route.schema,
      response: { ...(route.schema?.response as object | undefined), default: answer },
    };
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) =>
    app.supportedMethods.includes(request.method)
      ? sendProblem(reply, 404)
      : sendProblem(reply, 501),
  );
  done();
});

/** Answers with a problem document. */
export function sendProblem(
  reply: FastifyReply,
  status: number,
  detail?: string,
  errors?: FieldError[],
) {
  return reply
    .code(status)
    .type(MEDIA_TYPE)
    .send(describeProblem(status, detail, errors));
}

async function answerError(
  error: Error & Partial<FastifyError>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (error instanceof HttpError) {
    return sendProblem(reply.headers(error.headers), error.statusCode, error.message);
  }
  // A path with a part that does not fit is the path of nothing.
  if (error.validationContext === 'params') return sendProblem(reply, 404);
  if (error.validation) {
    return sendProblem(reply, 422, 'the request is not valid', error.validation.map(locate(error)));
  }
  const status = error.code?.startsWith('FST_') ? (error.statusCode ?? 500) : 500;
  if (status >= 500) {
    request.log.error(error, 'the request failed');
    return sendProblem(reply, 500);
  }
  if (status === 413) await dropRest(request.raw, request.server.settings.MAX_BODY_BYTES);
  return sendProblem(reply, status);
}

/** Points at a wrong value, and never repeats it: it may be a secret. */
function locate({ validationContext }: Partial<FastifyError>) {
  return ({ instancePath, params, message }: FastifySchemaValidationError): FieldError => {
    const missing = params.missingProperty;
    const path = typeof missing === 'string' ? `${instancePath}/${missing}` : instancePath;
    return { pointer: `#/${validationContext ?? ''}${path}`, detail: message ?? 'is not valid' };
  };
}
