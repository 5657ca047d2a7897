// Whether two runtimes say the same of a model.
import assert from 'node:assert/strict';
import { sqnr } from './figures.mjs';

/** The least SQNR of a float output, in dB, by whether 3x3 convolutions go the fast way. */
export const floors = { exact: 90, winograd: 80 };
export const ways = { exact: { winograd: false }, winograd: { winograd: true } };

const isFloat = (dtype) => dtype.startsWith('float');

/**
 * Integers must be equal. Returns the SQNR of the worst float output, in dB. `coarse` {outputs, within}: outputs whose
 * reference is itself no more exact than `within`; they are held to that, and some of them must need it.
 */
export function compareNumbers(reference, ours, { floor, coarse } = {}) {
  assert.deepEqual(Object.keys(ours).sort(), Object.keys(reference).sort());
  let worst = Number.POSITIVE_INFINITY;
  let worstCoarse = Number.POSITIVE_INFINITY;
  for (const [name, { dtype, values }] of Object.entries(ours)) {
    if (!isFloat(dtype)) assert.deepEqual(values, reference[name], name);
    else if (coarse?.outputs.includes(name)) {
      const largest = values.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[name][i])), 0);
      assert.ok(largest <= coarse.within, `${name} is ${largest} away`);
      worstCoarse = Math.min(worstCoarse, sqnr(reference[name], values));
    } else worst = Math.min(worst, sqnr(reference[name], values));
  }
  if (coarse !== undefined) assert.ok(worstCoarse < floor, `${worstCoarse.toFixed(1)} dB: no exception any more`);
  return worst;
}

export function holdFloor(figure, floor) {
  assert.ok(figure >= floor, `${figure.toFixed(1)} dB is below ${floor}`);
}
