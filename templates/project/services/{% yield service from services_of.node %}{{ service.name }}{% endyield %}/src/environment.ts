/** What every command reads from the environment, and how a wrong value is reported. */
import { Ajv, type ErrorObject } from 'ajv';
import { type Static, type TObject, Type } from 'typebox';
import { NAME } from './service.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Every variable that is missing or malformed, in one line, and no value. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

/** By rising severity. */
const LEVELS = ['debug', 'info', 'warning', 'error', 'critical'] as const;

// Variables are texts: numbers and booleans are read from them.
const ajv = new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true, verbose: true });

/** What is wrong with a text that has another format, where that is more than the schema's description says. */
const reasons = new Map<string, (text: string) => string | undefined>();

/** Gives settings a format of which the schema's description says what it is. */
export function defineFormat(name: string, accepts: (text: string) => boolean): void {
  ajv.addFormat(name, accepts);
}

/** Gives settings a format by what says why a text has another one. */
export function defineReason(name: string, reason: (text: string) => string | undefined): void {
  reasons.set(name, reason);
  ajv.addFormat(name, (text: string) => reason(text) === undefined);
}

defineFormat('level', (text) => LEVELS.some((level) => level === text.toLowerCase()));
defineFormat('http-url', (text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, port } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && port !== '0';
});

export const HttpUrl = Type.String({
  format: 'http-url',
  description: 'an address like http://name:8080',
});

export type Environment = Static<typeof Environment>;
export const Environment = Type.Object({
  SERVICE_NAME: Type.String({ default: NAME }),
  SERVICE_VERSION: Type.String({ default: 'dev' }),
  LOG_LEVEL: Type.String({
    format: 'level',
    default: 'info',
    description: 'one of debug, info, warning, error and critical',
  }),
});

/** Returns what the schema names; an empty variable counts as not set. */
export function readEnvironment<T extends TObject>(schema: T, variables: Variables): Static<T> {
  const names = Object.keys(schema.properties);
  const found: unknown = Object.fromEntries(
    names.flatMap((name) => (variables[name] ? [[name, variables[name]]] : [])),
  );
  const validate = ajv.compile<Static<T>>(schema);
  if (validate(found)) return found;
  throw new SettingsError(explain(validate.errors ?? [], names));
}

function explain(errors: ErrorObject[], names: string[]): string {
  const faults = new Map(errors.map(describe));
  return names.flatMap((name) => faults.get(name) ?? []).join('; ');
}

function describe(error: ErrorObject): [name: string, fault: string] {
  if (error.keyword === 'required') {
    const { missingProperty: name } = error.params as { missingProperty: string };
    return [name, `${name} is not set`];
  }
  const name = error.instancePath.slice(1);
  const { format = '', description = 'valid' } = error.parentSchema as Record<string, string>;
  return [name, `${name} ${reasons.get(format)?.(String(error.data)) ?? `is not ${description}`}`];
}
