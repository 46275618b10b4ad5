/** What becomes of signals. Their listeners are never taken off: a signal that is under way meanwhile would be lost. */

type Reaction = (signal: NodeJS.Signals) => void;

// Process 1 has no default reaction to SIGTERM; until the server starts, just exit.
let reaction: Reaction = () => process.exit(0);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    reaction(signal);
  });
}

/** From now on, signals are for `next`. */
export function onSignal(next: Reaction): void {
  reaction = next;
}
