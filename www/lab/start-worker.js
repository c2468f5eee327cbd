// Starts the page's workers, with a sentence where none may start.

/** @import { WorkerName } from "./delivery.js" */

import { fetchFile, openWorker, originsOf } from "./delivery.js";

const NO_ORIGIN = "This page stands in a frame without an origin of its own, where browsers start no workers.";

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
        ? NO_ORIGIN
        : policyAsked
          ? "The security policy of this site (trusted-types) has to name the policy “attograph”, with which the page starts its worker."
          : (foreign(which) ?? "This browser does not start the worker in which the page computes."),
      { cause: error },
    );
  }
}

/**
 * Why a worker ended before it said anything, where that can be told: nothing for one of the page's own origin.
 * @param {WorkerName} which
 */
export async function whyNotStarted(which) {
  const { file, isForeign } = originsOf(which);
  if (!isForeign) return undefined;
  if (globalThis.origin === "null") return NO_ORIGIN;
  const sent = (/** @type {RequestMode} */ mode) =>
    fetchFile(file, { mode, credentials: "omit" }).then(
      (response) => mode === "no-cors" || response.ok,
      () => false,
    );
  if (await sent("cors")) return foreign(which);
  if (await sent("no-cors"))
    return `${file.origin} has to send the header Access-Control-Allow-Origin with ${file.pathname}, and with all that stands beside it.`;
  return `${file.href} could not be reached.`;
}

/** What a page needs whose engine comes from elsewhere. @param {WorkerName} which */
function foreign(which) {
  const { file, isForeign } = originsOf(which);
  if (!isForeign) return undefined;
  return (
    `The engine comes from ${file.origin}, so the security policy of this site has to allow it a worker: ` +
    `worker-src blob: ${file.origin}, and script-src ${file.origin}.`
  );
}
