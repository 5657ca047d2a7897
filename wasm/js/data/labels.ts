// Files of labels: which class each sample is.
import type { Labels } from '../compare.js';
import { wrongData } from './errors.js';
import type { Samples } from './samples.js';

const baseName = (path: string): string => path.replace(/^.*[\\/]/, '');

interface Row {
  /** Of the sample; undefined where rows only count. */
  file: string | undefined;
  label: number;
}

/** Rows are `label`, for the samples in their order, or `file,label`; a first row that ends in no number is titles. */
function rowsOf(text: string, path: string): Row[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const rows: Row[] = [];
  for (const [i, line] of lines.entries()) {
    const [, file, number] = /^(?:(.*)[,;\t])?\s*"?(-?\d+)"?\s*$/.exec(line) ?? [];
    if (number === undefined) {
      if (i === 0) continue;
      throw wrongData(`Line ${i + 1} does not end in the number of a class.`, path);
    }
    rows.push({ file: file?.trim().replace(/^"|"$/g, ''), label: Number(number) });
  }
  if (rows.length === 0) throw wrongData('The file holds no labels.', path);
  return rows;
}

/** The labels of samples, by their index, from the text of a file that is called `name`. Errors: calibration. */
export function readLabels(text: string, name: string, samples: Samples): Labels {
  const rows = rowsOf(text, name);
  const named = rows.every(({ file }) => file !== undefined);
  if (!named && rows.length !== samples.available) {
    throw wrongData(`It holds ${rows.length} labels for ${samples.available} samples.`, name);
  }
  const byFile = new Map(rows.map(({ file, label }) => [baseName(file ?? ''), label]));
  return Array.from({ length: samples.count }, (_, index) => {
    const { place, file } = samples.sourceOf(index);
    const label = named ? byFile.get(baseName(file)) : rows[place]?.label;
    if (label === undefined) throw wrongData(`There is no label for '${file}'.`, name);
    return label;
  });
}
