// The techniques offered first, and what each brings. Those that the engine does not name are not shown, and those of
// its modes that have no words here are shown under their own name.
import type { Description } from 'narrowcast';
import { defaultOf, tidied, type Value, type Wish } from './wish.ts';

export interface Technique {
  key: string;
  /** The settings that make it this technique. */
  sets: Wish;
  title: string;
  brings: string;
  /** What the engine does when nobody asks for anything. */
  isDefault: boolean;
  /** Samples of what the model will see show the ranges of its activations. */
  needsSamples: boolean;
}

interface Told {
  sets: Record<string, string>;
  title: string;
  brings: string;
  needsSamples?: boolean;
}

const told: Told[] = [
  {
    sets: { mode: 'auto' },
    title: 'Whatever suits the model',
    brings:
      'About 4 times smaller, no samples needed. Products are computed in integers where the format allows it; all other weights are stored as int8. With samples: full integer.',
  },
  {
    sets: { mode: 'full-integer' },
    title: 'Full integer',
    brings:
      'About 4 times smaller, and the fastest where the runtime computes in integers. Samples show which numbers occur; inputs and outputs stay as they are.',
    needsSamples: true,
  },
  {
    sets: { mode: 'integer-only' },
    title: 'Integer only',
    brings:
      'As full integer, with integers at the inputs and outputs too: for chips that know nothing else. Refused, with the reasons, when an op has no integer kernel.',
    needsSamples: true,
  },
  {
    sets: { mode: 'dynamic-range' },
    title: 'Dynamic range',
    brings:
      'About 4 times smaller, no samples needed. Products are computed in integers, activations as they come: faster where products dominate, as in transformers.',
  },
  {
    sets: { mode: 'weight-only', weights: 'int8' },
    title: 'Weight only, int8',
    brings:
      'About 4 times smaller, with little loss. The runtime widens the weights, so it computes in float and is no faster.',
  },
  {
    sets: { mode: 'weight-only', weights: 'int4' },
    title: 'Weight only, int4',
    brings:
      'Up to 7 times smaller, with a loss you should check. Suits large models; needs a runtime that reads 4-bit weights.',
  },
  {
    sets: { mode: 'float16' },
    title: 'float16',
    brings:
      '2 times smaller, next to no loss. An ONNX model computes in half precision too: faster where the hardware has it.',
  },
];

export function techniquesOf(description: Description): Technique[] {
  const settings = new Map(description.recipe.map((setting) => [setting.key, setting]));
  const knows = ([key, value]: [string, string]): boolean => settings.get(key)?.choices?.includes(value) ?? false;
  const isDefault = (sets: Record<string, string>): boolean =>
    Object.entries(sets).every(([key, value]) => {
      const setting = settings.get(key);
      return setting !== undefined && defaultOf(setting) === value;
    });
  const known = told.filter(({ sets }) => Object.entries(sets).every(knows));
  const mode = settings.get('mode');
  const others = (mode?.choices ?? [])
    .filter((choice) => !known.some(({ sets }) => sets.mode === choice))
    .map((choice) => ({ sets: { mode: choice }, title: choice, brings: mode?.sentence ?? '' }));
  return [...known, ...others].map((technique) => ({
    needsSamples: false,
    ...technique,
    key: Object.values(technique.sets).join(' '),
    isDefault: isDefault(technique.sets),
  }));
}

/** The wish changed to a technique; everything else that was set stays. */
export function withTechnique(wish: Wish, technique: Technique, description: Description): Wish {
  const ofTechniques = new Set(told.flatMap(({ sets }) => Object.keys(sets)));
  const others = Object.entries(wish).filter(([key]) => !ofTechniques.has(key));
  return tidied({ ...Object.fromEntries(others), ...technique.sets }, description);
}

/** The technique a wish amounts to; none where a setting of its own makes it another, such as uint8 weights. */
export function techniqueOf(wish: Wish, techniques: Technique[], description: Description): Technique | undefined {
  const is = (key: string, value: Value): boolean => {
    const setting = description.recipe.find((known) => known.key === key);
    return setting !== undefined && (wish[key] ?? defaultOf(setting)) === value;
  };
  return techniques.find(({ sets }) => Object.entries(sets).every(([key, value]) => is(key, value)));
}
