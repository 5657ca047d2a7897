// Options that say how much a model may lose, and what that came to.
import { type Command, InvalidArgumentError } from 'commander';
import type { ErrorFigures, Judgement } from '../types.js';
import { percentText, tableText } from './text.js';

export interface GateFlags {
  labels?: string;
  minSqnr?: number;
  maxDrop?: number;
}

function aNumber(text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(number)) throw new InvalidArgumentError('It is a number.');
  return number;
}

export const addGateOptions = (command: Command): Command =>
  command
    .option('--labels <file>', 'the right answers: a class a line, in the order of the samples; or file,class')
    .option('--min-sqnr <dB>', 'exit code 5 when an output keeps less', aNumber)
    .option(
      '--max-drop <points>',
      'exit code 5 when the accuracy falls by more points of percent; without labels: when more decisions change',
      aNumber,
    );

const mostRows = 8;

/** "unlike" where the two cannot be compared, "exact" where nothing is lost. */
export const noiseText = ({ sqnr_db, unlike }: Pick<ErrorFigures, 'sqnr_db' | 'unlike'>): string =>
  unlike !== undefined ? 'unlike' : sqnr_db === null ? 'exact' : `${sqnr_db.toFixed(1)} dB`;

const numberText = (value: number): string => String(Number(value.toPrecision(4)));

/** What the outputs keep, and the values that lose most. */
export function judgementText({ samples, outputs, accuracy, values }: Judgement): string {
  const outputRows = outputs.map((output) => [
    output.name,
    noiseText(output),
    numberText(output.max_error),
    output.decisions === 0 ? '' : `${percentText(output.same, output.decisions)} of ${output.decisions}`,
  ]);
  const valueRows = values
    .filter(({ sqnr_db, unlike }) => sqnr_db !== null || unlike !== undefined)
    .slice(0, mostRows)
    .map((value) => [
      value.name,
      noiseText(value),
      numberText(value.max_error),
      value.share_clipped > 0 ? percentText(value.share_clipped, 1) : '',
    ]);
  const lines = [
    `  ${samples} sample${samples === 1 ? '' : 's'} in both models\n`,
    tableText(['output', ' SQNR', ' largest error', ' same decisions'], outputRows),
  ];
  if (accuracy !== undefined) {
    const { before, after, labels, output } = accuracy;
    lines.push(
      `  accuracy: ${percentText(before, labels)} -> ${percentText(after, labels)} of ${labels} (${output})\n`,
    );
  }
  if (valueRows.length > 0) lines.push(tableText(['worst', ' SQNR', ' largest error', ' clipped'], valueRows));
  return lines.join('');
}
