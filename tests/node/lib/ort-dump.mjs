// What onnxruntime makes of a model: the graph that it runs, read back from the file it writes.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { nodesOf } from './onnx-records.mjs';

export async function optimizedNodes(bytes) {
  const folder = await mkdtemp(join(tmpdir(), 'narrowcast-'));
  try {
    const path = join(folder, 'optimized.onnx');
    const options = { graphOptimizationLevel: 'all', optimizedModelFilePath: path, logSeverityLevel: 4 };
    const session = await ort.InferenceSession.create(bytes, options);
    await session.release();
    return nodesOf(await readFile(path));
  } finally {
    await rm(folder, { recursive: true });
  }
}

// Ops that take codes as they take floats, and pass them on.
export const movers = new Set(
  `Concat DepthToSpace Expand Flatten Gather Identity MaxPool NhwcMaxPool Pad ReduceMax Reshape Resize Slice Split
  Squeeze Tile Transpose Unsqueeze`.split(/\s+/),
);

/**
 * What computes in integers, by the name a node had before: true, false, or undefined when the runtime has none of that
 * name any more.
 */
export function integerKernels(nodes) {
  const codes = new Set();
  const isInteger = ({ op, inputs }) =>
    /^(QLinear|QGemm|MatMulInteger|ConvInteger)/.test(op) || (movers.has(op) && codes.has(inputs[0]));
  // The file does not keep the order of execution.
  for (let known = -1; known < codes.size; ) {
    known = codes.size;
    for (const node of nodes) {
      if (isInteger(node) || node.op === 'QuantizeLinear') for (const value of node.outputs) codes.add(value);
    }
  }
  const byName = new Map();
  for (const node of nodes) {
    const before = node.name.replace(/(\/GatherSliceToSplitFusion)?(_token_\d+)?$/, '');
    byName.set(before, isInteger(node) || byName.get(before) === true);
  }
  return byName;
}
