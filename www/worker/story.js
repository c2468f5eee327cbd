// A graph told in few items: what its features are called, as far as that is known by now, and the story of it.

/** @import { Story } from "../lab/engine-api.js" */
/** @import { Session, Shown } from "./session.js" */

import { FEATURE } from "../lab/kinds.js";

/** Tokens of a text whose operand plots are there so soon that nobody has to be told anything meanwhile. */
const SHORT = 9;

/**
 * The story of the graph on show; nothing until its features have names. `meanwhile`: these are not those of its operand plots, which are
 * not there yet.
 * @param {Session} session @param {Shown} shown @returns {{ story: Story, meanwhile: boolean } | undefined}
 */
export function storyOf(session, { trace, operands }) {
  const { loaded } = session.supply;
  if (!loaded) return undefined;
  const { shelf, samples } = loaded;
  const { done, total } = operands ? shelf.progress(operands) : { done: 0, total: 0 };
  const meanwhile = done < total;
  const plotted = total > 0 && !meanwhile ? operands : undefined;
  // Where plots cannot be computed or take long, names are those of the sample texts.
  if (!plotted && !samples.finished) return undefined;
  if (meanwhile && trace.tokens.length <= SHORT) return undefined;
  const { node, edge, density } = session.thresholds;
  const { nodes } = trace.prune(node, edge, density, session.frequencies);
  const [kind, layer, position, index] = [trace.kind, trace.layer, trace.position, trace.index];
  const named = nodes.filter((each) => kind[each] === FEATURE);
  const last = trace.tokens.length - 1;
  const called = Array.from(named, (each) => {
    const place = { layer: layer[each], position: position[each], index: index[each] };
    const seen = plotted && shelf.named(plotted, place);
    if (seen) return seen;
    const late = place.position === last;
    const followed = late ? samples.followed(place.layer, place.index) : undefined;
    if (followed) return { words: followed, part: "" };
    const facts = samples.feature(place.layer, place.index);
    // Where it is known what features follow at the answer, the others have no name there that is not a good one.
    const named = facts && (facts.fits || !(late && samples.knowsFollowed));
    return { words: named ? facts.label : "", part: "" };
  });
  const story = trace.story(
    node,
    edge,
    density,
    session.frequencies,
    named,
    called.map(({ words }) => words),
    called.map(({ part }) => part),
  );
  return { story, meanwhile };
}
