/** Responses to invalid HTTP requests, written by hand because these reach no route. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { MEDIA_TYPE, describeProblem, sendProblem } from './plugins/problems.ts';

const STATUSES: Record<string, number> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_INVALID_METHOD: 501,
};

/** Tells a client whose request cannot be parsed, and hangs up. */
export function answerUnreadable(error: Error & { code: string }, socket: Socket): void {
  if (!socket.writable) return;
  const status = STATUSES[error.code] ?? 400;
  const problem = describeProblem(status);
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      `Content-Type: ${MEDIA_TYPE}`,
      `Content-Length: ${Buffer.byteLength(problem)}`,
      'Connection: close',
      '',
      problem,
    ].join('\r\n'),
  );
}

/** Tells that an address cannot be decoded, or that a part of it is longer than any that there is. */
export function answerBadAddress(
  error: FastifyError,
  _request: FastifyRequest,
  reply: FastifyReply,
): void {
  void sendProblem(reply, error.code === 'FST_ERR_BAD_URL' ? 400 : 404);
}
