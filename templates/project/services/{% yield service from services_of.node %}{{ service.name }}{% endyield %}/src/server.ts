/** The server process. */
import { buildApp } from './app.ts';
import type { Variables } from './environment.ts';
import { createLogger } from './logger.ts';
import { readSettings } from './settings.ts';
import { createShutdown } from './shutdown.ts';
import { onSignal } from './signals.ts';
import { createTracing } from './tracing.ts';

/** Serves until a signal says stop; the answer is the exit code. */
export async function serve(variables: Variables): Promise<number> {
  const settings = readSettings(variables);
  const logger = createLogger(settings);
  const tracing = await createTracing(settings, logger);
  const app = await buildApp(settings, tracing, logger);
  const shutdown = createShutdown(app, settings.DRAIN_SECONDS);
  onSignal(shutdown.onSignal);
  logger.info({ version: settings.SERVICE_VERSION }, `starting on port ${settings.PORT}`);
  await app.listen({
    host: '0.0.0.0',
    port: settings.PORT,
    listenTextResolver: (address) => `listening at ${address}`,
  });
  await shutdown.finished;
  await tracing.close();
  logger.info('stopped');
  return 0;
}
