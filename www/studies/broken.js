// What came of features set, in words: made of what the model says, and held against what was to be expected. Knows no page.

const NEAR = 5; // sums apart that are still about as large

/** The number that an answer is; nothing where it is none. @param {string} text */
export function numberOf(text) {
  return /^\d{1,3}$/.test(text.trim()) ? Number(text) : undefined;
}

/** What is left of a sum. @param {number} was @param {number} now */
export function leftOf(was, now) {
  return { digit: was % 10 === now % 10, size: Math.abs(was - now) <= NEAR };
}

/** @param {{ digit: boolean, size: boolean }} left */
function inWords({ digit, size }) {
  if (digit && size) return "its last digit and its size stay";
  if (digit) return "its last digit stays, its size goes";
  return size ? "its last digit goes, its size stays" : "its last digit and its size go";
}

/**
 * What is left of a sum, and whether that was expected.
 * @param {string} was @param {string} now @param {{ digit: boolean, size: boolean }} expected
 */
export function saysOfSum(was, now, expected) {
  const [before, after] = [numberOf(was), numberOf(now)];
  if (before === undefined) return "It said no number before, so nothing can be told of one.";
  if (after === undefined) return "It says no number any more: more broke than was expected.";
  const left = leftOf(before, after);
  const asExpected = left.digit === expected.digit && left.size === expected.size;
  if (asExpected) return `As expected, ${inWords(left)}.`;
  return before === after ? "Not as expected: it says the same." : `Not as expected: ${inWords(left)}.`;
}

/**
 * Whose last digit and whose size an answer has, once one sum’s lookup was put in place of another’s.
 * @param {string} was @param {string} now @param {string} other the sum whose lookup was put in
 */
export function saysOfSwap(was, now, other) {
  const [before, after, put] = [was, now, other].map(numberOf);
  if (before === undefined || put === undefined) return "It said no number before, so nothing can be told of one.";
  if (after === undefined) return "It says no number any more: more broke than was expected.";
  if (before % 10 === put % 10) return "Both sums end in the same digit, so this shows nothing: choose another one.";
  if (Math.abs(before - put) <= NEAR) return "Both sums are about as large, so nothing can be told of the size: choose another one.";
  const digit = leftOf(put, after).digit;
  const size = leftOf(before, after).size;
  if (digit && size) return `As expected: the last digit of ${put}, the size of ${before}.`;
  if (digit) return `The last digit is that of ${put}, as expected; the size is not that of ${before}.`;
  if (leftOf(before, after).digit) return `Not as expected: the last digit is still that of ${before}.`;
  return `Not as expected: the last digit is neither that of ${put} nor that of ${before}.`;
}
