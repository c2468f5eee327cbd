// Light or dark: the system's wish, or the visitor's own, kept in the address and in this browser.

/** @import { Lab } from "./lab.js" */

const KEY = "attograph-theme";

/** @param {Lab} lab */
export function mountTheme(lab) {
  const button = lab.part("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  lab.address.theme ??= stored();

  const show = () => {
    const { theme } = lab.address;
    dress(lab, theme);
    const next = (theme ?? (system.matches ? "dark" : "light")) === "dark" ? "light" : "dark";
    button.textContent = next === "dark" ? "Dark" : "Light";
    button.setAttribute("aria-label", `Switch to ${next} colours`);
    lab.repaint();
  };
  button.addEventListener("click", () => {
    lab.address.theme = (lab.address.theme ?? (system.matches ? "dark" : "light")) === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(KEY, lab.address.theme);
    } catch {
      // Without storage the address still holds it.
    }
    show();
  });
  system.addEventListener("change", show, { signal: lab.lifetime });
  // Paper is light and narrow, and canvases are drawn anew for it.
  lab.listen(window, "beforeprint", () => {
    dress(lab, "light");
    lab.root.classList.add("on-paper");
    lab.repaint();
  });
  lab.listen(window, "afterprint", () => {
    lab.root.classList.remove("on-paper");
    show();
  });
  show();
}

/** Whether the page is being printed. @param {Lab} lab */
export function isOnPaper(lab) {
  return lab.root.classList.contains("on-paper");
}

/** @param {Lab} lab @param {"light" | "dark" | undefined} theme nothing: the system's */
function dress(lab, theme) {
  const { dataset } = lab.root;
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
