// Takes what a session of the worker says into the state of its lab, and drops what came too late.

/** @import { Lab } from "./lab.js" */
/** @import { View } from "./view.js" */
/** @import { FromWorker, Recorded, Steering, Transcoder } from "./messages.js" */
/** @import { WorkerClient } from "./worker-client.js" */

import { emptyArrangement } from "./arrangement.js";
import { readKept } from "./kept-graph.js";
import { plotsOf } from "./packed-plots.js";
import { differenceOf } from "./recorded/same.js";
import { asksFor } from "./recorded/wanted.js";
import { noSteering, settingsFor } from "./steer/steering.js";
import { batch } from "./store.js";
import { laterParts } from "./tried-again.js";
import { observedGraph } from "./view.js";

/** @param {WorkerClient} client @param {FromWorker} message */
export function takeIn(client, message) {
  const { lab } = client;
  const { plots, features } = lab;
  const { view } = lab;
  switch (message.type) {
    case "manifest": {
      const told = [message.manifest, message.name, message.models, message.transcoder];
      const known = [lab.manifest, lab.model, lab.models, lab.address.transcoder];
      client.known = true;
      // Who is at something of the recorded graph is not disturbed by what the page knew already.
      if (view?.early && JSON.stringify(told) === JSON.stringify(known)) return;
      batch(() => {
        lab.manifest = message.manifest;
        lab.model = message.name;
        lab.models = message.models;
        lab.address.transcoder = message.transcoder;
      });
      break;
    }
    case "graph": {
      if (message.request < client.newest) return;
      if (view?.operands?.key !== message.operands?.key) plots.forgetWishes();
      const asked = client.files.take(message.recorded !== undefined);
      const { aligned, ...traced } = message;
      if (lab.other) Object.assign(lab.other, { aligned, beside: message.request });
      /** @type {View} */
      const next = { ...traced, indexOf: new Map(message.graph.id.map((id, node) => [id, node])) };
      const unlike = unlikeTheRecorded(lab, next);
      if (message.recorded) showKept(client, next, message.recorded);
      batch(() => {
        client.answered = message.request;
        lab.show(next, message.recorded && asked?.file, asked?.again);
      });
      if (unlike) lab.bus.emit("notice", unlike);
      if (message.recorded) void showStory(client, next, message.recorded);
      if (client.compareLater) client.compare(lab.address.compare);
      client.compareLater = false;
      client.wentLive();
      break;
    }
    case "compared":
      if (message.request === client.compared && lab.address.compare) lab.other = observedGraph(message);
      break;
    case "otherAnswers":
      if (message.request === client.compared && lab.other) lab.other.graph.whole = message.whole;
      break;
    case "operands":
      if (message.done >= message.total) plots.finish(message.key);
      lab.bus.emit("operands", message);
      break;
    case "plots":
      plots.keep(message.key, message.plots);
      break;
    case "feature":
      features.keep(message);
      break;
    case "samples":
      features.ready ||= message.ready;
      if (message.ready && view) client.wantPlots(view.pruned.nodes);
      break;
    case "labels":
      features.keepLabels(message.labels);
      break;
    case "download":
      lab.bus.emit("download", message);
      break;
    case "engine":
      client.gpuFailed ||= message.gpuFailed;
      lab.engine = message;
      void client.openAgain();
      break;
    case "transcoder":
      if (message.request !== client.transcoderAsked) return;
      batch(() => {
        if (message.taken) plots.clear();
        if (message.taken) features.clear();
        if (message.taken && message.transcoder !== lab.address.transcoder) changeTranscoder(client, message.transcoder);
        lab.address.transcoder = message.transcoder;
      });
      break;
    case "json":
      lab.bus.emit("json", message);
      break;
    case "failed":
      if ((message.about === "prompt" || message.about === "tokenizer") && message.request < client.newest) return;
      if (message.about === "compare" && message.request < client.compared) return;
      if (message.about === "file" && message.request === client.newest) fileRefused(client);
      lab.bus.emit("notice", message);
      break;
    default:
      // What is of another graph than that on show came too late.
      if (view && view.request === message.request) takeOfGraph(lab, view, message);
  }
}

/** What is told of the graph on show. @param {Lab} lab @param {View} view @param {FromWorker} message */
function takeOfGraph(lab, view, message) {
  switch (message.type) {
    case "pruned":
      view.pruned = message.pruned;
      break;
    case "answers":
      view.graph.whole = message.whole;
      break;
    case "node":
      view.detail = message;
      break;
    case "heads":
      view.carried = message;
      break;
    case "story":
      view[message.meanwhile ? "meanwhile" : "story"] = message.story;
      break;
    case "suggested":
      lab.worker.suggested(message);
      break;
    case "between":
    case "looked":
    case "graded":
    case "rungs":
    case "continuation":
      Object.assign(view, { [message.type]: message });
      break;
    case "likeness":
      view.likeness = message.likeness;
      break;
    case "grading":
      lab.bus.emit("grading", message);
      break;
    case "steered":
      if (!isNow(lab, message.steering)) return;
      batch(() => {
        view.steered = message.report;
        view.steeredWhole = undefined;
      });
      break;
    case "steeredAnswers":
      if (isNow(lab, message.steering)) view.steeredWhole = message;
      break;
    case "steeredText":
      if (isNow(lab, message.steering)) view.steeredText = message;
      break;
  }
}

/** The features of one transcoder are not those of the other, and nothing that is said of them. @param {WorkerClient} client @param {Transcoder} next */
function changeTranscoder({ lab, arrangements }, next) {
  const { address } = lab;
  lab.bar.keep(address);
  lab.hover(undefined);
  lab.select(undefined);
  arrangements.set(address.transcoder, address.arrangement);
  address.arrangement = arrangements.get(next) ?? emptyArrangement();
  address.steering = noSteering();
}

/**
 * A live graph takes the recorded one's place, with its plots and labels until its own are here; what is to be told where it is not
 * the same graph.
 * @param {Lab} lab @param {View} view
 */
function unlikeTheRecorded(lab, view) {
  const { view: before, address, model } = lab;
  const recording = before?.recording;
  if (!recording || view.recorded || view.prompt !== recording.prompt || address.target.kind !== "answers") return undefined;
  if (address.transcoder !== "cross-layer" || view.graph.hold !== recording.graph.hold) return undefined;
  const { whole } = view.graph;
  const unlike = model === recording.model ? differenceOf(recording, view, asksFor(address, recording.prompt)) : "it is of another model";
  if (!unlike) {
    view.recording = recording;
    view.graph.whole = whole ?? before.graph.whole;
    return undefined;
  }
  return {
    about: "recorded",
    sentence: `The recorded first picture was not the graph that is computed here: ${unlike}.`,
    advice: "The live graph is on show now. This is a fault of Attograph or of the engine named below: please report it.",
  };
}

/** Takes over the whole answers and the operand plots that a file keeps. @param {WorkerClient} client @param {View} view @param {Recorded} recorded */
function showKept({ lab: { plots: shelf } }, view, { own }) {
  const { operands, whole } = readKept(own?.page, view.graph.tokens.length);
  view.graph.whole = whole;
  if (!operands) return;
  const key = `file ${view.request}`;
  const { a, b, aPosition, bPosition } = operands;
  view.operands = { key, a, b, aPosition, bPosition, done: 1, total: 1 };
  void plotsOf(operands).then((plots) => {
    shelf.keep(key, plots);
  });
}

/** Takes over the story that a file keeps. @param {WorkerClient} client @param {View} view @param {Recorded} recorded */
async function showStory({ lab }, view, { own, file }) {
  if (!own?.page) return;
  try {
    view.story = (await laterParts()).readStory(view, own.page);
  } catch {
    const advice = "Check the connection and open the file again; its nodes are here.";
    lab.bus.emit("notice", { about: "file", sentence: `What reads the story of ${file} did not arrive.`, advice });
  }
}

/** Whether this is what is set now, and not what was a moment ago. @param {Lab} lab @param {Steering} steering */
function isNow({ address, view }, steering) {
  const now = settingsFor(address.steering, view?.graph.tokens.length ?? 0);
  return now.mode === steering.mode && now.settings.join() === steering.settings.join();
}

/** The file is no graph, so what is on show stays; unless another prompt was to take its place. @param {WorkerClient} client */
function fileRefused(client) {
  client.files.forgetAsked();
  client.answered = client.newest;
  const { view, prompt } = client.lab;
  if (view && !view.recorded && prompt !== undefined && view.prompt !== prompt) client.trace(prompt);
}
