// The worker: all work on models happens here. It holds the sessions of a page, and what they share.

/** @import { Heard, Sent } from "../lab/messages.js" */
/** @import { Page } from "./session.js" */

import { Gpu } from "./gpu.js";
import { Models } from "./models.js";
import { Schedule } from "./schedule.js";
import { Session } from "./session.js";

const ASKED = [
  "trace",
  "likeness",
  "prune",
  "steer",
  "inspect",
  "between",
  "suggest",
  "story",
  "json",
  "heads",
  "look",
  "compare",
  "plots",
  "feature",
  "labels",
  "rungs",
];
const BACKGROUND = [
  "answers",
  "steeredAnswers",
  "otherAnswers",
  "steeredText",
  "continuation",
  "race",
  "samples", // quickly read, and names until the plots are there
  "grade", // asked for, a step at a time: it does not wait for plots
  "operands",
  "other operands",
  "late race",
];

const house = { schedule: new Schedule(ASKED, BACKGROUND), gpu: new Gpu() };

/** @type {Page} */
const page = { ...house, models: new Models(house), post: (session, message, transfer) => post({ session, ...message }, transfer) };

/** By the numbers that the page gave them. @type {Map<number, Session>} */
const sessions = new Map();

/** @param {Heard} message @param {Transferable[]} [transfer] */
function post(message, transfer = []) {
  self.postMessage(message, { transfer });
}

self.onmessage = (/** @type {MessageEvent<Sent>} */ { data }) => {
  const session = sessions.get(data.session);
  switch (data.type) {
    case "beat":
      post({ type: "beat", session: data.session });
      break;
    case "open session":
      sessions.set(data.session, new Session(data.session, page));
      break;
    case "close session":
      session?.close();
      sessions.delete(data.session);
      break;
    case "suspend":
    case "resume":
      if (session) session.seat.suspended = data.type === "suspend";
      break;
    default:
      session?.hear(data);
  }
};
