// What the engine tells, as src/report writes it. Keys are snake_case here and in every JSON file.

import type { InputStatistics } from './data/fed.js';

export type Verdict = 'quantized' | 'float' | 'refused';

export interface NodeReport {
  name: string;
  op: string;
  verdict: Verdict;
  reason: string;
}

export interface WeightReport {
  name: string;
  verdict: Verdict;
  reason: string;
  dtype: string;
  shape?: (number | null)[] | null;
  granularity?: 'per_tensor' | 'per_channel' | 'per_block';
  axis?: number;
  block_size?: number;
  /** Signal to quantization noise; null when the weight survived exactly. */
  sqnr_db?: number | null;
  bytes_before?: number;
  bytes_after?: number;
  clamped?: number;
}

/** An activation that integers stand for: real = scale * (code - zero_point). */
export interface ActivationReport {
  name: string;
  /** Whose scale and zero point it has: its own name, or what its op selects from. */
  like: string;
  /** The node that makes it in integers; missing where it is made in float. */
  node?: string;
  dtype: string;
  scale: number;
  zero_point: number;
  /** Where codes meet floats each channel has a scale of its own; `scale` is the one that the op computes with. */
  channel_scales?: { axis: number; smallest: number; largest: number };
  /** The range that calibration found. */
  seen: [min: number, max: number];
  /** What of it the codes reach. */
  range: [min: number, max: number];
  /** When the model was judged on samples: signal to noise, null where there is no noise. */
  sqnr_db?: number | null;
  /** The largest difference of an element. */
  max_error?: number;
  /** The part of the float model's elements that lie outside of `range`. */
  share_clipped?: number;
}

/** Nodes that are better left in float, found by narrowing without them. */
export interface KeepFloat {
  /** Decibels that the worst output should keep. */
  target_db: number;
  /** What it keeps without these nodes, on the samples of the search; null: no set was found that reaches the target. */
  reached_db: number | null;
  /** What to exclude. */
  nodes: string[];
  /** Of how many that compute in integers. */
  of: number;
  /** How often the model was narrowed and run to find them. */
  runs: number;
  /** What the worst output keeps when these nodes alone compute in integers, noisiest first. */
  alone: { nodes: string[]; sqnr_db: number | null }[];
  /** The search was stopped: a smaller set may be enough. */
  stopped?: true;
}

export interface Report {
  schema_version: 1;
  format: string;
  mode: string;
  target: string;
  input_bytes: number;
  output_bytes: number;
  already_quantized: boolean;
  edits: number;
  /** ONNX: the opset that the model came with, and has now; what keeps it from a newer one that the mode would use. */
  opset?: { from: number; to: number; why_not?: string };
  /** Input data files that the narrowed model still refers to: they belong beside it. */
  external_files_kept: string[];
  nodes: NodeReport[];
  values: WeightReport[];
  /** In the integer modes; worst first when the model was judged. */
  activations?: ActivationReport[];
  /** What the narrowed model loses, on the first samples of calibration. */
  judged?: Judgement & { keep_float?: KeepFloat };
  /** Of a TFLite model: the signature that the samples were of. */
  signature?: string;
  /** What the samples of `openSamples` held, channel by channel. */
  fed?: InputStatistics[];
  warnings: string[];
}

/** How far a value of the narrowed model is from the float one's, over all samples. */
export interface ErrorFigures {
  name: string;
  /** Signal to noise in decibels, -200 without a signal; null when there is no noise, or some elements are `unlike`. */
  sqnr_db: number | null;
  /** The largest difference of an element. */
  max_error: number;
  /** Means of the squares of the float model's elements, and of the differences. */
  signal_power: number;
  noise_power: number;
  elements: number;
  /** Elements that are finite in one of the models only, of another shape, or not made by one of them. */
  unlike?: number;
}

export interface OutputJudgement extends ErrorFigures {
  /** Rows of which the largest element is looked for, or integers; 0 where there is nothing to decide. */
  decisions: number;
  /** How many of them are the same in both. */
  same: number;
}

export interface ValueJudgement extends ErrorFigures {
  /** The index of the value's graph. */
  scope: number;
  /** The part of the float model's elements that lie outside of what the codes reach. */
  share_clipped: number;
  /** How often the float model's elements fall into each of as many stretches of equal length, where it was asked for. */
  histogram?: { min: number; max: number; counts: number[] };
}

export interface Judgement {
  samples: number;
  /** Of the output that suffered most; null when none differs. */
  sqnr_db: number | null;
  outputs: OutputJudgement[];
  /** With labels: how many of them each model says. */
  accuracy?: { output: string; labels: number; before: number; after: number };
  /** Worst first. */
  values: ValueJudgement[];
  /** The gates that were not passed, in words. */
  failed: string[];
}

export interface ValueInfo {
  name: string;
  dtype: string;
  shape: (number | null)[] | null;
  dim_names?: string[];
}

export interface Inspection {
  schema_version: 1;
  format: string;
  bytes: number;
  producer: string;
  opsets: { domain: string; version: number }[];
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  signatures: { key: string; graph: number; inputs: NamedTensor[]; outputs: NamedTensor[] }[];
  graphs: number;
  nodes: number;
  parameters: number;
  float_bytes: number;
  other_constant_bytes: number;
  already_quantized: boolean;
  external_files: string[];
  ops: { domain: string; type: string; count: number; known: boolean }[];
  /** What keeps the model from running here; `node` is the first with this op. Empty: it runs. */
  missing_ops: { op: string; count: number; node: string }[];
  /**
   * By target that runs such models: how many nodes full-integer would compute in integers, how many have an integer kernel,
   * and of how many. Where its kernels were compared with the runtime, it is verified.
   */
  targets: { target: string; verified: boolean; integer_nodes: number; integer_kernels: number; nodes: number }[];
}

export interface NamedTensor {
  name: string;
  tensor: string;
  dtype: string;
  shape: (number | null)[] | null;
}

export interface RecipeSetting {
  key: string;
  /** A depth is `[first, last]`; a list holds objects of `parts`, each of which may be left out. */
  kind: 'choice' | 'bool' | 'integer' | 'number' | 'names' | 'depth' | 'list';
  default: string;
  sentence: string;
  choices?: string[];
  parts?: RecipeSetting[];
}

/** A number is (pixel / divisor - mean) / std; mean and std are those of red, green and blue. */
export interface ImagePreset {
  name: string;
  sentence: string;
  fit: string;
  interpolation: string;
  /** Height and width where the model leaves them open; 0: the picture's own. */
  size: number;
  /** With the fit `cover`: what is covered when the model takes `size`; others in proportion. */
  covers: number;
  divisor: number;
  mean: [number, number, number];
  std: [number, number, number];
  color: string;
}

/** What a runtime turns into integer kernels. */
export interface TargetDescription {
  name: string;
  sentence: string;
  /** Its rows were compared with the runtime itself. */
  verified: boolean;
  activations: string;
  weights: string;
  reduce_range: boolean;
  /** `needs` names conditions; `since` is the opset before which it has no kernel. */
  ops: { type: string; kernel: string; kind: string; since: number; needs: string[] }[];
}

export interface Description {
  schema_version: 1;
  formats: { name: string; extension: string }[];
  recipe: RecipeSetting[];
  /** Recipes of ours, by name. */
  recipes: { name: string; sentence: string; recipe: object }[];
  image_presets: ImagePreset[];
  image_fits: string[];
  image_interpolations: string[];
  observers: { name: string; sentence: string; fits_int16: boolean }[];
  targets: TargetDescription[];
  ops: {
    folder: string;
    summary: string;
    ops: { domain: string; type: string; versions: [number, number]; has_weights: boolean; runs: boolean }[];
  }[];
  errors: { number: number; code: string; sentence: string }[];
}

export interface OutputFile {
  /** Empty for the model itself; otherwise the name by which the model refers to it. */
  name: string;
  size: number;
}

export interface Progress {
  phase: 'reading' | 'samples' | 'weights' | 'writing' | 'judging' | 'searching';
  /** Of `total`: bytes when reading and writing, samples when calibrating and judging, runs when searching (at most), else weights. */
  done: number;
  total: number;
  /** The weight or file in work. */
  item: string;
  /** Of the whole, 0 to 1; never falls. */
  fraction: number;
}
