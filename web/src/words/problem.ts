// Every error says what happened, where, and what to do next; then its code, small.
import type { Description } from 'narrowcast';
import { EngineFailure } from '../engine/client.ts';
import type { Failure } from '../engine/protocol.ts';
import { sizeText } from './numbers.ts';

export interface Problem {
  title: string;
  text: string;
  where: string;
  next: string;
  code: string;
  /** Data files the model asks for and did not get. */
  missing: string[];
  /** What does the same without a browser. */
  command?: string;
}

const nextSteps: Partial<Record<Failure['code'], string>> = {
  internal: 'Nothing was written. Narrow another model, or report this one with the code below.',
  usage: 'Change the setting and start again.',
  malformed: 'The file may not have been downloaded to its end. Get it again, or export the model again.',
  unsupported: 'Export the model with other settings, or narrow another one.',
  missing_file: 'Drop what is missing here, or add it below.',
  calibration: 'Choose other files, or change how they are read.',
  out_of_memory: 'Close other tabs, or use the command line: it does the same and gives the same bytes.',
  would_not_help: 'Keep the model as it is, choose another technique, or allow more weights to be narrowed.',
  engine_trap: 'The engine was started anew. Narrow another model, or report this one with the code below.',
};

const titles: Partial<Record<Failure['code'], (name: string) => string>> = {
  malformed: (name) => `${name} cannot be read`,
  unsupported: (name) => `${name} holds something that cannot be read yet`,
  missing_file: () => 'The weights are in another file',
  out_of_memory: (name) => `${name} needs more memory than there is`,
  would_not_help: () => 'Nothing to gain',
  usage: () => 'This cannot be done',
  calibration: () => 'The samples cannot be used',
};

export function problemOf(error: unknown, name: string, description: Description | undefined): Problem {
  const failure: Failure =
    error instanceof EngineFailure
      ? error.failure
      : { code: 'page', number: 0, message: error instanceof Error ? error.message : String(error), where: '' };
  const { code, number, message, where, missing = [] } = failure;
  const sentence = description?.errors.find((known) => known.code === code)?.sentence ?? '';
  return {
    title: titles[code]?.(name) ?? (sentence || 'Something went wrong').replace(/\.$/, ''),
    text: message,
    where,
    next: nextSteps[code] ?? 'Load this page again.',
    code: `NC-${number} ${code}`,
    missing: code === 'missing_file' ? missing : [],
  };
}

export const noModel = (names: string[], extensions: string[]): Problem => ({
  title: names.length === 1 ? `${names[0]} is not a model` : 'None of these files is a model',
  text: `Narrowcast reads ${extensions.join(' and ')}.`,
  where: names.length === 1 ? '' : names.slice(0, 3).join(', '),
  next: 'Drop a model of one of these kinds. PyTorch, Keras and TensorFlow can export them. If this is a sample, drop the model first.',
  code: 'page, not_a_model',
  missing: [],
});

export const manyModels = (names: string[]): Problem => ({
  title: 'One model at a time',
  text: `${names.length} models came together.`,
  where: names.slice(0, 3).join(', '),
  next: 'Drop one of them, with its data files if it has any. The command line takes many.',
  code: 'page, several_models',
  missing: [],
});

export const badRecipe = (name: string, reason: string): Problem => ({
  title: `${name} is not a recipe`,
  text: reason,
  where: '',
  next: 'Drop a recipe that this page or the command line saved.',
  code: 'page, not_a_recipe',
  missing: [],
});

export const tooLarge = (name: string, bytes: number, withSamples: boolean, command: string): Problem => ({
  title: `${sizeText(bytes)} ${withSamples ? 'and samples need' : 'need'} more memory than a tab can have`,
  text: `An engine in a browser addresses 4 GB${withSamples ? ', and calibration holds the weights twice' : ''}.`,
  where: name,
  next: withSamples
    ? 'Choose a technique without samples, or use the command line: it does the same and gives the same bytes.'
    : 'Use the command line: it does the same and gives the same bytes.',
  code: 'page, too_large',
  missing: [],
  command,
});

export const badLink = (reason: string): Problem => ({
  title: 'The settings in this link cannot be read',
  text: reason,
  where: '',
  next: 'Ask for the link again, or choose the settings yourself.',
  code: 'page, not_settings',
  missing: [],
});
