// Takes what a session of the worker says into the state of its lab, and drops what came too late.

/** @import { Lab, View } from "./lab.js" */
/** @import { FromWorker, Recorded, Steering } from "./messages.js" */
/** @import { WorkerClient } from "./worker-client.js" */

import { readKept } from "./kept-graph.js";
import { plotsOf } from "./packed-plots.js";
import { differenceOf } from "./recorded/same.js";
import { asksFor } from "./recorded/wanted.js";
import { settingsFor } from "./steer/steering.js";

/** @param {WorkerClient} client @param {FromWorker} message */
export function takeIn(client, message) {
  const { lab, plots, features } = client;
  switch (message.type) {
    case "manifest": {
      const told = [message.manifest, message.name, message.models, message.transcoder];
      const known = [lab.manifest, lab.model, lab.models, lab.address.transcoder];
      // Who is at something of the recorded graph is not disturbed by what the page knew already.
      const news = !lab.view?.early || JSON.stringify(told) !== JSON.stringify(known);
      client.known = true;
      lab.manifest = message.manifest;
      lab.model = message.name;
      lab.models = message.models;
      lab.address.transcoder = message.transcoder;
      if (news) lab.bus.emit("manifest", undefined);
      break;
    }
    case "graph": {
      if (message.request < client.newest) return;
      if (lab.view?.operands?.key !== message.operands?.key) plots.forgetWishes();
      client.answered = message.request;
      const asked = client.files.take(message.recorded !== undefined);
      /** @type {View} */
      const view = { ...message, indexOf: new Map(message.graph.id.map((id, node) => [id, node])) };
      const unlike = unlikeTheRecorded(lab, view);
      if (message.recorded) showKept(client, view, message.recorded);
      lab.show(view, message.recorded && asked?.file, asked?.again);
      if (unlike) lab.bus.emit("notice", unlike);
      if (client.compareLater && lab.address.compare) client.compare(lab.address.compare);
      client.compareLater = false;
      break;
    }
    case "pruned":
      if (lab.view?.request !== message.request) return;
      lab.view.pruned = message.pruned;
      lab.bus.emit("pruned", undefined);
      break;
    case "node":
      if (lab.view?.request !== message.request) return;
      lab.detail = message;
      lab.bus.emit("detail", undefined);
      break;
    case "heads":
      if (lab.view?.request !== message.request) return;
      lab.carried = message;
      lab.bus.emit("heads", undefined);
      break;
    case "between":
      if (lab.view?.request !== message.request) return;
      lab.between = message;
      lab.bus.emit("between", undefined);
      break;
    case "steered":
    case "steeredAnswers":
    case "steeredText": {
      if (lab.view?.request !== message.request || !isNow(lab, message.steering)) return;
      if (message.type === "steered") {
        lab.steered = message.report;
        lab.steeredWhole = undefined;
      } else if (message.type === "steeredText") lab.steeredText = message;
      else lab.steeredWhole = message;
      lab.bus.emit(message.type === "steeredAnswers" ? "answers" : message.type, undefined);
      break;
    }
    case "answers":
      if (lab.view?.request !== message.request) return;
      lab.view.graph.whole = message.whole;
      lab.bus.emit("answers", undefined);
      break;
    case "otherAnswers":
      if (message.request < client.compared || !lab.other) return;
      lab.other.graph.whole = message.whole;
      lab.bus.emit("answers", undefined);
      break;
    case "grading":
      if (lab.view?.request === message.request) lab.bus.emit("grading", message);
      break;
    case "graded":
      if (lab.view?.request !== message.request) return;
      lab.graded = message;
      lab.bus.emit("graded", undefined);
      break;
    case "rungs":
      if (lab.view?.request !== message.request) return;
      lab.rungs = message;
      lab.bus.emit("rungs", undefined);
      break;
    case "compared":
      if (message.request < client.compared || !lab.address.compare) return;
      lab.other = message;
      lab.bus.emit("compared", undefined);
      break;
    case "continuation":
      if (lab.view?.request !== message.request) return;
      lab.continuation = message;
      lab.bus.emit("continuation", undefined);
      break;
    case "likeness":
      if (lab.view?.request !== message.request) return;
      lab.likeness = message.likeness;
      lab.bus.emit("likeness", undefined);
      break;
    case "operands":
      if (message.done >= message.total) plots.finished.add(message.key);
      lab.bus.emit("operands", message);
      break;
    case "plots":
      plots.keep(message.key, message.plots);
      lab.bus.emit("plots", undefined);
      break;
    case "feature":
      features.keep(message);
      lab.bus.emit("feature", undefined);
      break;
    case "samples":
      features.ready ||= message.ready;
      lab.bus.emit("samples", message);
      if (message.ready && lab.view) client.wantPlots(lab.view.pruned.nodes);
      break;
    case "labels":
      features.keepLabels(message.labels);
      lab.bus.emit("labels", undefined);
      break;
    case "download":
      lab.bus.emit("download", message);
      break;
    case "engine":
      client.gpuFailed ||= message.gpuFailed;
      lab.bus.emit("engine", message);
      void client.openAgain();
      break;
    case "transcoder":
      if (message.request !== client.transcoderAsked) return;
      if (message.taken) plots.clear();
      if (message.taken) features.clear();
      lab.tookTranscoder(message.transcoder, message.taken);
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
  }
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
  if (address.transcoder !== "cross-layer") return undefined;
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
function showKept({ lab, plots: shelf }, view, { own }) {
  const { operands, whole } = readKept(own?.page, view.graph.tokens.length);
  view.graph.whole = whole;
  if (!operands) return;
  const key = `file ${view.request}`;
  const { a, b, aPosition, bPosition } = operands;
  view.operands = { key, a, b, aPosition, bPosition, done: 1, total: 1 };
  void plotsOf(operands).then((plots) => {
    shelf.keep(key, plots);
    lab.bus.emit("plots", undefined);
  });
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
  else client.lab.bus.emit("answered", undefined);
}
