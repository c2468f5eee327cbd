// The files whose graphs are on show and on their way, so that a new engine opens again what was open.

/**
 * @typedef {{ file: File, again: boolean, request: number }} OpenFile `again`: it was open before, and what it says of pins and labels
 *   was taken over
 */

export class OpenedFiles {
  /** @type {OpenFile | undefined} */ #shown;
  /** @type {OpenFile | undefined} */ asked;
  /** The question that is a file, to be asked once a new engine is there. @type {number | undefined} */ #reopening;

  /** @param {File} file @param {number} request */
  ask(file, request) {
    this.asked = { file, again: false, request };
  }

  /** What was asked for is no file, or none that can be shown. */
  forgetAsked() {
    this.asked = undefined;
  }

  /** A graph came. @param {boolean} isFile whether it is a file's @returns {OpenFile | undefined} the file that was asked for */
  take(isFile) {
    const { asked } = this;
    this.#shown = isFile ? asked : undefined;
    this.asked = undefined;
    return asked;
  }

  /** What a new engine has to open. @param {boolean} isBehind whether something newer was asked for than is on show */
  lost(isBehind) {
    return this.asked ?? (isBehind ? undefined : this.#shown);
  }

  /** It is to be opened again. @param {OpenFile} file @param {number} request */
  reopen(file, request) {
    this.#reopening = request;
    this.asked = { ...file, again: file.again || file === this.#shown, request };
  }

  /** What is to be opened again now that the engine is there, once. */
  toReopen() {
    const wanted = this.#reopening;
    this.#reopening = undefined;
    return wanted !== undefined && this.asked?.request === wanted ? this.asked : undefined;
  }
}
