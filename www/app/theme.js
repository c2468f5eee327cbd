// Light or dark: the system's wish, or the visitor's own, kept in the address and in this browser.

/** @import { App } from "./app.js" */

import { byId } from "./dom.js";

const KEY = "attograph-theme";

/** @param {App} app */
export function mountTheme(app) {
  const button = byId("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  app.address.theme ??= stored();

  const show = () => {
    const { theme } = app.address;
    dress(theme);
    const next = (theme ?? (system.matches ? "dark" : "light")) === "dark" ? "light" : "dark";
    button.textContent = next === "dark" ? "Dark" : "Light";
    button.setAttribute("aria-label", `Switch to ${next} colours`);
    app.bus.emit("theme", undefined);
  };
  button.addEventListener("click", () => {
    app.address.theme = (app.address.theme ?? (system.matches ? "dark" : "light")) === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(KEY, app.address.theme);
    } catch {
      // Without storage the address still holds it.
    }
    show();
  });
  system.addEventListener("change", show);
  // Paper is light and narrow, and canvases are drawn anew for it.
  addEventListener("beforeprint", () => {
    dress("light");
    document.documentElement.classList.add("on-paper");
    app.bus.emit("theme", undefined);
  });
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove("on-paper");
    show();
  });
  show();
}

/** Whether the page is being printed. */
export function isOnPaper() {
  return document.documentElement.classList.contains("on-paper");
}

/** @param {"light" | "dark" | undefined} theme nothing: the system's */
function dress(theme) {
  const { dataset } = document.documentElement;
  if (theme) dataset.theme = theme;
  else delete dataset.theme;
}

function stored() {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === "light" || theme === "dark" ? theme : undefined;
  } catch {
    return undefined;
  }
}

/** A registered colour of style/base.css, as the canvas wants it. @param {string} name */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}
