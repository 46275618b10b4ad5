// Puts the service and all that it needs into dist/. What only tracing needs is a file of its own, loaded on demand.
import { build } from 'esbuild';

await build({
  entryPoints: ['src/main.ts', 'src/healthcheck.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  external: ['pg-native'],
  // Libraries that are CommonJS expect a `require`.
  banner: {
    js: "import { createRequire as from } from 'node:module'; const require = from(import.meta.url);",
  },
});
