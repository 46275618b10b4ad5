/** A shutdown that loses no request. */
import type { FastifyInstance } from 'fastify';

const FINISH = 20_000; // milliseconds for open requests to end once we no longer listen

export interface Shutdown {
  readonly finished: Promise<unknown>;
  readonly onSignal: (signal: NodeJS.Signals) => void;
}

/**
 * Turns SIGTERM into: not ready, serve on for some seconds, stop listening, finish what is open.
 * A second signal ends the wait, a third drops what is open; Ctrl-C does not wait.
 */
export function createShutdown(app: FastifyInstance, seconds: number): Shutdown {
  const { promise: finished, resolve, reject } = Promise.withResolvers<unknown>();
  let closing = false;

  const drop = () => {
    app.server.closeAllConnections();
  };
  const close = () => {
    if (closing) return;
    closing = true;
    setTimeout(drop, FINISH).unref();
    app.close().then(resolve, reject);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (closing) drop();
    else if (app.health.draining || signal === 'SIGINT') close();
    else setTimeout(close, seconds * 1000);
    app.health.draining = true;
  };
  return { finished, onSignal };
}
