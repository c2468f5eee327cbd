// The palette's colours where no stylesheet is: a test holds them to those of www/style/base.css.

/** @import { Colour } from "./marks.js" */

/** @typedef {Record<Colour, string>} Palette */

/** @type {Palette} */
export const LIGHT = {
  surface: "#ffffff",
  band: "#f7f8fa",
  "line-strong": "#b4bac6",
  ink: "#18202d",
  soft: "#566072",
  faint: "#656e7d",
  accent: "#c8185f",
  action: "#1e5bc6",
  dot: "#d5e2f7",
  positive: "#0b7a8c",
  negative: "#c94f0a",
};

/** @type {Palette} */
export const DARK = {
  surface: "#141a23",
  band: "#18202b",
  "line-strong": "#465266",
  ink: "#e9eef6",
  soft: "#a3afc2",
  faint: "#8f9bae",
  accent: "#ff6d9f",
  action: "#8ab8ff",
  dot: "#24406a",
  positive: "#3fc6d8",
  negative: "#ff9a4d",
};
