/** What a request may send: JSON, and only so much of it. */
import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import type { FastifyBodyParser } from 'fastify';
import fp from 'fastify-plugin';

const DROPPING = 2000; // milliseconds for the rest of a body that is too large

/** Makes JSON the only content type, read strictly, and asks for no body that would be refused. */
export const body = fp((app, _options, done) => {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const parse: FastifyBodyParser<Buffer> = (request, bytes, parsed) => {
    let text = '';
    try {
      text = decoder.decode(bytes);
    } catch {
      // Left empty, which is refused as well: Node would put other characters in place of wrong ones.
    }
    return parseJson(request, text, parsed);
  };
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(/^(application\/|[^;]+\+)json(;|$)/, { parseAs: 'buffer' }, parse);

  app.server.on('checkContinue', (request, response) => {
    if (!isRefusedUnread(request, app.settings.MAX_BODY_BYTES)) response.writeContinue();
    app.server.emit('request', request, response);
  });
  done();
});

/** Reads what is still arriving, for a while: closing on unread data could destroy the answer. */
export async function dropRest(request: IncomingMessage, most: number): Promise<void> {
  if (isRefusedUnread(request, most)) return;
  request.resume();
  await finished(request, { signal: AbortSignal.timeout(DROPPING) }).catch(() => undefined);
}

/** Whether the client asks first, with a declared body that is too large: then it must not get 100 Continue. */
function isRefusedUnread({ headers }: IncomingMessage, most: number): boolean {
  return (
    headers.expect?.toLowerCase() === '100-continue' && Number(headers['content-length']) > most
  );
}
