// What QuantizeLinear and DequantizeLinear of a file say, read without the engine.
import { createHash } from 'node:crypto';
import { fieldsOf, nodesOf } from './onnx-records.mjs';

const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const types = { 1: 'float32', 2: 'uint8', 3: 'int8', 4: 'uint16', 5: 'int16', 6: 'int32' };
const views = {
  float32: Float32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
};

function readInitializer(body) {
  const fields = fieldsOf(body);
  const last = (number) => fields.findLast((field) => field.number === number);
  const dtype = types[last(2).bytes[1]];
  const raw = last(9)?.body ?? new Uint8Array();
  const copy = Uint8Array.from(raw);
  const View = views[dtype];
  return {
    name: Buffer.from(last(8).body).toString(),
    dtype,
    bytes: copy,
    numbers: View === undefined ? [] : [...new View(copy.buffer)],
  };
}

/** The constants of the main graph, by name; those that hold their elements as raw bytes. */
export function initializersOf(bytes) {
  const graph = fieldsOf(bytes).find((field) => field.number === MODEL_GRAPH);
  const all = fieldsOf(graph.body).filter((field) => field.number === GRAPH_INITIALIZER);
  return new Map(all.map((field) => readInitializer(field.body)).map((constant) => [constant.name, constant]));
}

/**
 * By the name of what is quantized: {scale, zero_point, dtype, codes?}; codes as their SHA-256, of constants. What is
 * made at run time goes by the name under which it is read again, without what sets it apart from the value itself.
 */
export function pairsOf(bytes) {
  const constants = initializersOf(bytes);
  const nodes = nodesOf(bytes).filter(({ op }) => op === 'QuantizeLinear' || op === 'DequantizeLinear');
  const found = new Map();
  for (const { op, inputs, outputs } of nodes) {
    const codes = constants.get(inputs[0]);
    if (op === 'DequantizeLinear' && codes === undefined) continue;
    const reader = nodes.find((node) => node.op === 'DequantizeLinear' && node.inputs[0] === outputs[0]);
    const name = codes === undefined ? (reader?.outputs[0] ?? inputs[0]) : inputs[0];
    found.set(name.replace(/_(de)?quantized$/, ''), {
      scale: constants.get(inputs[1]).numbers,
      zero_point: constants.get(inputs[2])?.numbers ?? [0],
      ...(codes && { dtype: codes.dtype, codes: createHash('sha256').update(codes.bytes).digest('hex') }),
    });
  }
  return found;
}
