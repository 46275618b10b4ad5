/** What a line of the log looks like. */
import { expect, test } from 'vitest';
import { Environment, readEnvironment } from '../src/environment.ts';
import { createLogger } from '../src/logger.ts';
import { NAME } from '../src/service.ts';
import { Log } from './support.ts';

function logger(variables: Record<string, string> = {}) {
  const log = new Log();
  return { log, logger: createLogger(readEnvironment(Environment, variables), log) };
}

test('a line has a time, a level by name, and the name of the service', () => {
  const { log, logger: own } = logger();
  own.warn({ more: 1 }, 'told');
  expect(log.lines).toEqual([
    {
      level: 'warning',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      service: NAME,
      trace_id: '',
      span_id: '',
      more: 1,
      message: 'told',
    },
  ]);
});

test.each([
  ['debug', 5],
  ['info', 4],
  ['warning', 3],
  ['error', 2],
  ['critical', 1],
])('from the level %s on, %i of five lines are logged', (level, count) => {
  const { log, logger: own } = logger({ LOG_LEVEL: level });
  own.debug('a');
  own.info('b');
  own.warn('c');
  own.error('d');
  own.fatal('e');
  expect(log.lines).toHaveLength(count);
});

test('what an error carries beside its stack is not logged', () => {
  const { log, logger: own } = logger();
  own.error(Object.assign(new Error('failed'), { detail: 'Key (name)=(s3cret)' }), 'told');
  expect(log.lines[0]).toMatchObject({ err: { type: 'Error', message: 'failed' } });
  expect(JSON.stringify(log.lines)).not.toContain('s3cret');
});
