// Starts the page's workers, with a sentence where none may start.

/** @import { WorkerName } from "./delivery.js" */

import { openWorker } from "./delivery.js";

/**
 * @param {WorkerName} which
 * @returns {Worker}
 * @throws {Error} with a sentence, where the browser or the host forbids it
 */
export function startWorker(which) {
  try {
    return openWorker(which);
  } catch (error) {
    const policyAsked = error instanceof TypeError && "trustedTypes" in globalThis;
    throw new Error(
      globalThis.origin === "null"
        ? "This page stands in a frame without an origin of its own, where browsers start no workers."
        : policyAsked
          ? "The security policy of this site (trusted-types) has to name the policy “attograph”, with which the page starts its worker."
          : "This browser does not start the worker in which the page computes.",
      { cause: error },
    );
  }
}
