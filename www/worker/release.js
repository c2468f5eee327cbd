// Lets go of what the engine's memory holds.

/** What is at work cannot be let go of; it goes with what it works for. @param {{ free(): void } | undefined} held */
export function release(held) {
  try {
    held?.free();
  } catch {
    // It is at work.
  }
}
