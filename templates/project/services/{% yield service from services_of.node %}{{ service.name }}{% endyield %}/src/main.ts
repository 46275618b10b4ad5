/** The image's entry point. Signals are heard before the rest is loaded. */
import './signals.ts';

const { run } = await import('./commands.ts');
process.exit(await run(process.argv.slice(2)));
