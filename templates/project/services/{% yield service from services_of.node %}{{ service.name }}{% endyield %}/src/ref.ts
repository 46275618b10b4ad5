/** References between schemas. */
import { type Static, type TSchema, Type } from 'typebox';

/** Refers to a schema that is added to the application; TypeScript sees what it refers to. */
export function ref<T extends TSchema>(schema: T & { $id?: string }) {
  if (!schema.$id) throw new TypeError('a schema without $id cannot be referred to');
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` });
}
