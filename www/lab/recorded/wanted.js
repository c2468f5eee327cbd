// Which recorded graph what is set asks for.

/** @import { Address } from "../url.js" */

import { queryOf } from "../url.js";
import { isAsRecorded, recordingOf } from "./listed.js";

/** Whether an address asks for what a recording of this prompt shows. @param {Address} address @param {string} prompt */
export function asksFor(address, prompt) {
  return (address.prompt ?? prompt) === prompt && isAsRecorded(new URLSearchParams(queryOf(address)));
}

/** The recording that shows what is set, if there is one. @param {Address} address */
export function recordingFor(address) {
  return recordingOf(new URLSearchParams(queryOf(address)));
}
