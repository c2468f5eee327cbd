// The frame is as high as it asks to be.

const frame = /** @type {HTMLIFrameElement} */ (document.getElementById("framed"));
addEventListener("message", ({ source, data }) => {
  if (source === frame.contentWindow && data?.type === "attograph-height") frame.height = String(Math.min(800, Number(data.height) || 0));
});
