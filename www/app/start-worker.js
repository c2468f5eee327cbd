// Starts the page's workers: also where the host asks for trusted addresses, and with a sentence where none may start.

/** The only scripts that run in workers. */
const SCRIPTS = {
  engine: new URL("../worker/main.js", import.meta.url).href,
  second: new URL("../worker/second-worker.js", import.meta.url).href,
};

/** TypeScript does not know it yet. @typedef {{ createScriptURL: (text: string) => string }} Policy */

/** @type {Policy | undefined} */ let policy;

/** An address as the host's security policy wants it. @param {string} address */
function trusted(address) {
  const { trustedTypes } = /** @type {{ trustedTypes?: { createPolicy: (name: string, rules: Policy) => Policy } }} */ (globalThis);
  if (!trustedTypes) return address;
  policy ??= trustedTypes.createPolicy("attograph", {
    createScriptURL: (text) => {
      if (!Object.values(SCRIPTS).includes(text)) throw new TypeError("This is no worker of the page.");
      return text;
    },
  });
  return policy.createScriptURL(address);
}

/**
 * @param {keyof typeof SCRIPTS} which
 * @returns {Worker}
 * @throws {Error} with a sentence, where the browser or the host forbids it
 */
export function startWorker(which) {
  try {
    return new Worker(trusted(SCRIPTS[which]), { type: "module", name: "attograph" });
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
