/** How schemas are applied: bodies have values of every type, addresses only strings. */
import AjvCompiler from '@fastify/ajv-compiler';

const compile = AjvCompiler();

/** Makes validators that take a "1" for a number in paths and queries, and never in a body. */
export const buildValidator: AjvCompiler.BuildCompilerFromPool = (schemas) => {
  const create = (coerceTypes: boolean) =>
    compile(schemas, {
      customOptions: { removeAdditional: false, useDefaults: true, coerceTypes },
      onCreate: (ajv) => ajv.addFormat('text', isText),
    });
  const ofBodies = create(false);
  const ofTexts = create(true);
  // What the types call a schema is a route and the part of it that is to be validated.
  return (route) =>
    typeof route === 'object' && route.httpPart === 'body' ? ofBodies(route) : ofTexts(route);
};

/** JSON can write halves of characters, which could be neither stored nor sent. */
function isText(value: string): boolean {
  return value.isWellFormed();
}
