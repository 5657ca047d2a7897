// Three questions lead to a technique: the answers, and which technique they lead to, in the order in which they are tried.
import type { Description, Inspection } from 'narrowcast';
import { targetSetting } from './target.ts';
import { type Technique, techniquesOf, withTechnique } from './techniques.ts';
import { defaultOf, type Wish, withValue } from './wish.ts';

export type Where = 'browser' | 'desktop' | 'older' | 'arm' | 'gpu' | 'npu' | 'mcu' | 'unknown';
export type Want = 'smallest' | 'safest';

export interface Answers {
  where: Where;
  hasSamples: boolean;
  want: Want;
}

interface Place {
  title: string;
  hint: string;
  /** As the engine calls the runtime; one that runs no models of the format is not named. */
  target?: string;
}

export const places: Record<Where, Place> = {
  browser: { title: 'Browser', hint: 'WebAssembly, on the CPU', target: 'ort-web-wasm' },
  desktop: { title: 'Server or desktop', hint: 'x86 since about 2019', target: 'ort-cpu-x86-vnni' },
  older: { title: 'Older server or desktop', hint: 'x86 without VNNI', target: 'ort-cpu-x86' },
  arm: { title: 'Phone or single-board computer', hint: 'ARM CPU', target: 'ort-cpu-arm' },
  gpu: { title: 'GPU or WebGPU', hint: 'half precision is the safe choice' },
  npu: { title: 'NPU or Edge TPU', hint: 'integers only', target: 'edgetpu' },
  mcu: { title: 'Microcontroller', hint: 'integers only', target: 'tflm' },
  unknown: { title: 'Not sure yet', hint: 'a choice that runs everywhere', target: 'portable' },
};

export const wants: Record<Want, string> = { smallest: 'Smallest and fastest', safest: 'Safest answers' };

/** What the model's arithmetic is, as far as it matters here. */
type Kind = 'convolutions' | 'products';

interface Rule {
  when: Partial<Answers> & { kind?: Kind };
  sets: Record<string, string>;
  reason: string;
}

const rules: Rule[] = [
  {
    when: { where: 'gpu' },
    sets: { mode: 'float16' },
    reason: 'GPUs compute in half precision: half the size and hardly any loss. Integers are slower on many of them.',
  },
  {
    when: { where: 'npu' },
    sets: { mode: 'integer-only' },
    reason: 'These chips take nothing but integers, inputs and outputs too; samples show the ranges that they need.',
  },
  {
    when: { where: 'mcu' },
    sets: { mode: 'integer-only' },
    reason:
      'Most microcontrollers compute in integers alone, inputs and outputs too; samples show the ranges that they need.',
  },
  {
    when: { want: 'safest' },
    sets: { mode: 'weight-only', weights: 'int8' },
    reason: 'Only the weights are stored as integers; the arithmetic stays float, so answers hardly move.',
  },
  {
    when: { hasSamples: true },
    sets: { mode: 'full-integer' },
    reason:
      'With samples, weights and activations can both become integers. What the runtime would do more slowly in integers stays in float.',
  },
  {
    when: { kind: 'products' },
    sets: { mode: 'dynamic-range' },
    reason: 'Matrix products dominate this model: they are computed in integers, with no samples needed.',
  },
  {
    when: {},
    sets: { mode: 'weight-only', weights: 'int8' },
    reason: 'Convolutions dominate this model, which need samples to become faster; without, a quarter of the size.',
  },
];

const productOps = /^(MatMul|Gemm|LSTM|GRU|RNN|Attention|FULLY_CONNECTED|BATCH_MATMUL)/;
const convolutionOps = /^(Conv|CONV|DEPTHWISE_CONV)/;

function kindOf({ ops }: Inspection): Kind {
  const count = (pattern: RegExp): number =>
    ops.reduce((sum, { type, count: many }) => sum + (pattern.test(type) ? many : 0), 0);
  return count(convolutionOps) >= count(productOps) ? 'convolutions' : 'products';
}

export interface Advice {
  technique: Technique;
  reason: string;
  wish: Wish;
}

/** Undefined when the engine knows none of the techniques. */
export function adviceOn(
  answers: Answers,
  wish: Wish,
  model: Inspection,
  description: Description,
): Advice | undefined {
  const facts = { ...answers, kind: kindOf(model) };
  // A format for which no target counts integers computes with none.
  const isComputed = (technique: Technique): boolean => !technique.needsSamples || model.targets.length > 0;
  const techniques = techniquesOf(description).filter(isComputed);
  for (const { when, sets, reason } of rules) {
    const isMet = Object.entries(when).every(([key, value]) => facts[key as keyof typeof facts] === value);
    const technique = techniques.find((one) => JSON.stringify(one.sets) === JSON.stringify(sets));
    if (!isMet || technique === undefined) continue;
    const setting = targetSetting(description);
    const { target } = places[answers.where];
    const isKnown = model.targets.some((one) => one.target === target);
    const value = isKnown && target !== undefined ? target : setting && defaultOf(setting);
    const aimed = setting !== undefined && value !== undefined ? withValue(wish, setting, value) : wish;
    return { technique, reason, wish: withTechnique(aimed, technique, description) };
  }
  return undefined;
}
