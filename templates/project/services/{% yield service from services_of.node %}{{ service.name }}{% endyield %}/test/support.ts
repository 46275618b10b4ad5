/** What several tests need. */
import type { FastifyInstance } from 'fastify';
import type { DestinationStream } from 'pino';
import { onTestFinished } from 'vitest';
import { buildApp } from '../src/app.ts';
import { createLogger } from '../src/logger.ts';
import { Settings, readSettings } from '../src/settings.ts';
import { type Tracing, createTracing } from '../src/tracing.ts';

// One acceptable value per variable that must be set; nothing listens there.
const VALUES: Record<string, string> = {
  DATABASE_URL: 'postgresql://user:s3cret@127.0.0.1:1/name',
};
export const ANY_URL = 'http://127.0.0.1:1';

/** Every variable that this service needs, with a value. */
export const REQUIRED: Readonly<Record<string, string>> = Object.fromEntries(
  Settings.required
    .filter((name) => !('default' in Settings.properties[name]))
    .map((name) => [name, VALUES[name] ?? ANY_URL]),
);

export type Line = Record<string, unknown>;

/** Keeps what is logged. */
export class Log implements DestinationStream {
  readonly lines: Line[] = [];

  write(text: string): void {
    this.lines.push(JSON.parse(text) as Line);
  }
}

interface Parts {
  variables?: Record<string, string>;
  log?: Log;
  tracing?: Tracing;
  /** Adds routes before the application is ready. */
  extend?: (app: FastifyInstance) => void;
}

/** Builds the application as the server does, and closes it when the test ends. */
export async function testApp(parts: Parts = {}): Promise<FastifyInstance> {
  const settings = readSettings({ ...REQUIRED, ...parts.variables });
  const logger = createLogger(settings, parts.log ?? new Log());
  const tracing = parts.tracing ?? (await createTracing(settings, logger));
  const app = await buildApp(settings, tracing, logger);
  parts.extend?.(app);
  onTestFinished(async () => {
    await app.close();
  });
  return app;
}
