// The field's terms, each in one sentence.

/** @type {Record<string, string>} */
export const TERMS = {
  activation: "How strongly a feature fires at this token; zero for most features on most tokens.",
  completeness:
    "The share of the nodes’ inputs that come from features and tokens and not from errors, each node " +
    "weighed by its influence on the answer.",
  continuation: "What the model says next, with no features set, if its most probable token is appended again and again.",
  density:
    "The share of the tokens of the model’s sample texts on which a feature is active: a feature that is " +
    "nearly always on tells little about this prompt.",
  edge:
    "A direct effect: what the source adds to the target’s pre-activation on this prompt, with attention " +
    "patterns and normalisation held as they were; with less held, how fast the target changes with it.",
  error: "What an MLP wrote and the transcoder’s features do not explain.",
  examples: "Where the feature fires most on the model’s sample texts; the darker a token, the higher the activation.",
  feature: "One direction of the transcoder, which fires on few inputs and stands for something one can often name.",
  head: "An attention head, as layer.head: at each token it looks at earlier ones, and copies some of what stands there.",
  histogram: "How often each strength of activation occurs on the sample texts, among the tokens on which the feature is active.",
  influence:
    "Nodes are sorted by their influence on the answer along all paths; this node lies within the top so many percent of all of it.",
  inputs: "What feeds this node: each weight is what the other node adds to this one’s pre-activation, pruned or not.",
  key: "The token that is looked at: what stands there makes its key, which the query meets.",
  logit: "A token’s score before the softmax; the higher, the more probable the token.",
  nodes: "The nodes that carry this share of the influence on the answer are drawn.",
  edges: "The edges that carry this share of the influence among the nodes drawn.",
  "all frozen":
    "Nothing of the original responds: attention patterns, norms and MLPs are held, and the graph’s " +
    "features answer in proportion. This is what the graph predicts, so it must be exact.",
  agreement:
    "Correlation, over the prompt’s tokens, of what each token adds to the answer less the runner-up, as " +
    "the two kinds of transcoder see it.",
  difference: "The answer’s logit less the runner-up’s: what decides between the two.",
  "everything free": "The model as it is: attention patterns respond as well.",
  foretold:
    "For each node, the change of its pre-activation that the graph predicts from what was set, and the " +
    "change that happened in the model. On the dashed line both are equal. An answer’s is that of its logit " +
    "less the mean of all logits, so it is not the change of the logit alone.",
  grade:
    "Experiments on the original model that tell how far this graph can be trusted: every feature is " +
    "switched off, and what happens is held against what the graph predicts.",
  KL: "How far the distribution of the next token moves when the feature is switched off and nothing is frozen, in nats.",
  ladder:
    "This feature is switched off while ever more of the original model may respond: each rung frees one assumption that the graph makes.",
  "MLPs and norms free": "The original’s norms respond too: a change in size of the residual stream rescales everything.",
  "MLPs free": "The original’s MLPs respond in place of the graph’s features; attention patterns and norms are held.",
  mode: "What is held as it was without the change.",
  "operand plot":
    "The feature’s activation for every two numbers from 0 to 99 in the prompt’s places: the first downwards, the second across.",
  outputs: "What this node feeds: each weight is what it adds to the other node’s pre-activation.",
  "pre-activation": "A feature’s input before its threshold, or a logit minus the mean logit: the sum of all inputs and the remainder.",
  pushes:
    "Direct effect of one unit of activation on the logits, through the unembedding, with the mean logit " +
    "taken away; the final norm’s denominator is left out.",
  query: "The token that looks: what stands there makes the query, which meets the key of each token so far.",
  reads: "Tokens whose embedding, by itself, excites the feature’s encoder most.",
  remainder: "What comes from biases, position embeddings, the first token, and features that are no nodes.",
  reading:
    "What edges take as given. With patterns and norms held, inputs add up to what a node is made of; with nothing held, an edge is how fast " +
    "its target changes with what its source writes, and errors answer as the original’s MLPs do beyond the features. Where anything is held, errors are too.",
  replacement:
    "Of all the influence on the answer, the share that starts at the prompt’s tokens and not at the " +
    "transcoder’s errors: at 1, features explain it all.",
  slope: "How much is measured for each unit predicted: above 1 the graph understates effects, below 1 it overstates them.",
  steer: "Set this feature to another activation, in what it writes to the model, and see what the original model then says.",
  steered: "Features that you set to other activations; the model runs on with what they now write.",
  subgraph: "The nodes that you pinned, to arrange and to name: the story that you tell of this graph.",
  supernode: "Several nodes that play one part, drawn as one; edges between supernodes add up.",
  target: "What the graph explains: where the influence starts from which nodes are chosen.",
  paths:
    "Of each token’s influence on the answer, whether both kinds of transcoder tell its way alike: what " +
    "it adds has one sign, and about the same share of it passes through features of the middle layers (a " +
    "tenth is let pass). A cross-layer transcoder may tell two steps as one.",
  travels:
    "A feature is switched off, and some MLPs further on the change of the residual stream is held " +
    "against what the graph’s frozen model makes of it.",
  unlike:
    "A word here is in no text that the model learned from, or a token is far less probable than what it " +
    "expected at its place, more so than in texts that were held out of its training. What it answers to " +
    "such a prompt may mean nothing.",
  "virtual weights":
    "How strongly features act on each other through the residual stream by their weights alone, whatever " +
    "the prompt; paths through attention are not counted.",
};
