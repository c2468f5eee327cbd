// How an element looks before it is started, and around what it draws. What is drawn has `style/element.css`.

import { css } from "lit";

export const SHELL = css`
  :host {
    --rem: 15px;
    display: flex;
    flex-direction: column;
    gap: 0.4em;
    position: relative;
    box-sizing: border-box;
    color-scheme: inherit;
    text-align: start;
    letter-spacing: normal;
    text-transform: none;
    font-style: normal;
  }
  :host([hidden]) {
    display: none;
  }
  :host([theme="light"]) {
    color-scheme: light;
  }
  :host([theme="dark"]) {
    color-scheme: dark;
  }
  .poster ::slotted(*) {
    max-width: 100%;
  }
  .frame {
    flex: 1;
    display: flex;
    min-height: 0;
    content-visibility: auto;
  }
  .lab {
    flex: 1;
    min-width: 0;
    min-height: 0;
    font-size: var(--rem);
    position: relative;
  }
  [hidden] {
    display: none !important;
  }
  .bar,
  .told {
    margin: 0;
    font: 13px / 1.4 system-ui, sans-serif;
    color: light-dark(#566072, #a3afc2);
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0.2em 0.9em;
  }
  .bar:empty {
    display: none;
  }
  .bar span {
    flex: 1 1 auto;
  }
  .told {
    color: light-dark(#9a3a05, #ffb27d);
  }
  a {
    color: light-dark(#1e5bc6, #8ab8ff);
  }
  button {
    font: inherit;
    padding: 0.2em 0.9em;
    border: 1px solid currentcolor;
    border-radius: 99px;
    background: none;
    color: light-dark(#1e5bc6, #8ab8ff);
    cursor: pointer;
  }
`;
