/** How the process starts and stops. */
import type { FastifyInstance } from 'fastify';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { run } from '../src/commands.ts';
import type { Health } from '../src/routes/health.ts';
import { readSettings } from '../src/settings.ts';
import { type Shutdown, createShutdown } from '../src/shutdown.ts';
import { Log, REQUIRED } from './support.ts';

test('all malformed variables are named in one line without their values', async () => {
  const names = ['PORT', 'DRAIN_SECONDS', 'MAX_BODY_BYTES', 'LOG_LEVEL', ...Object.keys(REQUIRED)];
  const log = new Log();
  const variables = Object.fromEntries(names.map((name) => [name, 'hunter2']));
  expect(await run([], variables, log)).toBe(1);
  expect(log.lines).toHaveLength(1);
  for (const name of names) expect(log.lines[0]?.message).toContain(`${name} is not `);
  expect(JSON.stringify(log.lines)).not.toContain('hunter2');
});

test('an empty variable counts as not set', () => {
  expect(readSettings({ ...REQUIRED, PORT: '' }).PORT).toBe(8080);
});

test.each(['0', '65536', '80.5', 'http'])('%s is not a port', (port) => {
  expect(() => readSettings({ ...REQUIRED, PORT: port })).toThrow(
    'PORT is not a number from 1 to 65535',
  );
});

test.each(['debug', 'WARNING', 'critical'])('%s is a level', (level) => {
  expect(readSettings({ ...REQUIRED, LOG_LEVEL: level }).LOG_LEVEL).toBe(level);
});

test('an unknown command is refused', async () => {
  const log = new Log();
  expect(await run(['fly'], {}, log)).toBe(2);
  expect(log.lines[0]?.message).toContain('usage: node dist/main.js');
});

let close: ReturnType<typeof vi.fn>;
let drop: ReturnType<typeof vi.fn>;
let health: Health;
let shutdown: Shutdown;

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  close = vi.fn(() => new Promise(() => undefined));
  drop = vi.fn();
  health = { draining: false, checks: [] };
  const app = { close, health, server: { closeAllConnections: drop } };
  shutdown = createShutdown(app as unknown as FastifyInstance, 60);
});

test('SIGTERM drains first', () => {
  shutdown.onSignal('SIGTERM');
  expect(health.draining).toBe(true);
  vi.advanceTimersByTime(59_999);
  expect(close).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(close).toHaveBeenCalledOnce();
});

test('a second signal ends the drain, and a third what is open', () => {
  shutdown.onSignal('SIGTERM');
  shutdown.onSignal('SIGTERM');
  expect(close).toHaveBeenCalledOnce();
  expect(drop).not.toHaveBeenCalled();
  shutdown.onSignal('SIGTERM');
  expect(drop).toHaveBeenCalledOnce();
});

test('Ctrl-C does not drain', () => {
  shutdown.onSignal('SIGINT');
  expect(close).toHaveBeenCalledOnce();
});

test('what is open gets only so much time', () => {
  shutdown.onSignal('SIGINT');
  vi.advanceTimersByTime(20_000);
  expect(drop).toHaveBeenCalledOnce();
});
