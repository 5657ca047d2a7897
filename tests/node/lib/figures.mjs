// Figures that judges compare a narrowed model's outputs with.
import assert from 'node:assert/strict';

const measuredWithin = 0.3;
const weightFloor = 30;

/** Signal to noise of one output against its reference, in dB; Infinity when they are equal. */
export function sqnr(reference, values) {
  let signal = 0;
  let noise = 0;
  for (let i = 0; i < reference.length; i += 1) {
    signal += reference[i] ** 2;
    noise += (values[i] - reference[i]) ** 2;
  }
  if (values.length !== reference.length || Number.isNaN(noise)) return Number.NEGATIVE_INFINITY;
  return noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
}

/** The SQNR of the worst of the judged outputs. */
export function worstSqnr(reference, outputs, judged = Object.keys(reference)) {
  return Math.min(...judged.map((name) => sqnr(reference[name], outputs[name] ?? [])));
}

/** How many of the decisions that an application makes of an output stay the same, 0 to 1. */
export function agreement([output, decide], reference, outputs) {
  const [before, after] = [decide(reference[output]), decide(outputs[output])];
  return before.filter((decision, i) => decision === after[i]).length / before.length;
}

/** The largest of each `size` numbers: what a classifier says. */
export const winners = (size) => (values) =>
  Array.from({ length: values.length / size }, (_, i) => {
    const row = values.slice(i * size, (i + 1) * size);
    return row.indexOf(Math.max(...row));
  });
/** On which side of a threshold each number is. */
export const above = (threshold) => (values) => values.map((value) => value > threshold);

/** The SQNR of the weight that suffered most. */
export function worstWeight({ values }) {
  return Math.min(...values.filter((value) => typeof value.sqnr_db === 'number').map((value) => value.sqnr_db));
}

/**
 * Holds a figure against its floor, or against what was measured where a model is an exception: there every weight must
 * have kept `weightFloor` dB, so that it is the model that amplifies the noise, and the decisions must agree.
 */
export function judge({ figure, floor, exception, agrees, report }) {
  if (floor === undefined) return;
  if (exception === undefined) {
    assert.ok(figure >= floor, `${figure.toFixed(1)} dB is below ${floor}`);
    return;
  }
  assert.ok(figure < floor, `${figure.toFixed(1)} dB: no exception any more`);
  assert.ok(figure >= exception.sqnr - measuredWithin, `${figure.toFixed(1)} dB, ${exception.sqnr} were measured`);
  assert.ok(agrees >= exception.agrees, `${agrees} of the decisions agree`);
  assert.ok(worstWeight(report) >= weightFloor, `a weight has ${worstWeight(report)} dB`);
}

/** The inputs of onnxruntime's runs as samples to calibrate on. */
export const samplesOf = ({ runs }) =>
  runs.map((run) =>
    Object.fromEntries(
      Object.entries(run).map(([name, { data, dims, type }]) => [
        name,
        { data, shape: dims, ...(type === undefined ? {} : { dtype: type }) },
      ]),
    ),
  );
