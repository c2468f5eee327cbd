// Files as they come: packed by gzip, or not.

const MOST_BYTES = 64 * 2 ** 20; // as much as the engine reads

/**
 * The bytes of a file, unpacked if it was packed by gzip.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function unpacked(bytes) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  let length = 0;
  try {
    // A little file may hold very much: what is beyond the limit is not unpacked, but refused for its size.
    for (let part = await reader.read(); part.value && length <= MOST_BYTES; part = await reader.read()) {
      parts.push(part.value);
      length += part.value.length;
    }
  } catch {
    throw new Error("This file is packed by gzip, but it is damaged or not whole: fetch it anew.");
  } finally {
    void reader.cancel().catch(() => {});
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
