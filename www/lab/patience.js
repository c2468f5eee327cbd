// Waiting that has an end. It is counted in ticks and not by the clock: while the machine sleeps, a tab is frozen or a
// debugger stops it, at most one tick passes, and nobody is taken for dead who had no time to answer.

const TICK_MS = 250;

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} seconds of being awake
 * @returns {Promise<T>} rejected once they have passed without an answer
 */
export function within(promise, seconds) {
  return new Promise((resolve, reject) => {
    let left = (1000 * seconds) / TICK_MS;
    const timer = setInterval(() => {
      left -= 1;
      if (left > 0) return;
      clearInterval(timer);
      reject(new Error(`No answer within ${seconds} s.`));
    }, TICK_MS);
    promise.then(resolve, reject).finally(() => clearInterval(timer));
  });
}
