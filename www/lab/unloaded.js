// Says at once why the page does not start, where the browser loads none of its modules: from a file, in a frame without an
// origin, or with a part of the page missing. It is no module itself, so that it runs there too.

(() => {
  const WHERE = {
    file: [
      "Opened as a file, this page cannot start: browsers load its parts from web servers only.",
      "Put its folder on any static web server, also one on this machine.",
    ],
    frame: [
      "This page stands in a frame without an origin of its own, and browsers load none of its parts there.",
      "Open it in a tab of its own.",
    ],
    site: ["One of the page’s own scripts did not arrive.", "Check the connection and reload the page; it also needs a current browser."],
  };

  function say() {
    const [sentence, advice] = location.protocol === "file:" ? WHERE.file : origin === "null" ? WHERE.frame : WHERE.site;
    /** @type {HTMLElement | null} */ const box = document.querySelector("[data-part=notice]");
    /** @type {HTMLElement | null} */ const waiting = document.querySelector("[data-part=waiting]");
    if (!box || !waiting || box.childElementCount > 0) return;
    const strong = document.createElement("strong");
    strong.textContent = sentence;
    const line = document.createElement("p");
    line.append(strong, ` ${advice}`);
    box.append(line);
    box.setAttribute("role", "alert");
    box.hidden = false;
    waiting.hidden = true;
  }

  // A script that does not load says so to itself alone, and only on the way down.
  addEventListener(
    "error",
    ({ target }) => {
      if (!(target instanceof HTMLScriptElement)) return;
      if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", say);
      else say();
    },
    true,
  );
})();
