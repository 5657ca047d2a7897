// Writes small TFLite files for tests, by code that flatc makes from schema.fbs: nothing of the engine.
import { Builder } from 'flatbuffers';
import { generatedModule } from './tflite-reader.mjs';

const alignment = 16;

// As flatc calls the modules of tables.
const kebab = (name) => name.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();

const typeOf = (data) => {
  if (data instanceof Int32Array) return 2;
  return data instanceof Int8Array ? 9 : 0;
};

async function makeOperator(tables, { op, inputs, outputs, options }, codes, place) {
  const { OperatorT, OperatorCodeT, BuiltinOperator, BuiltinOptions } = tables;
  const number = BuiltinOperator[op];
  if (number === undefined) throw new Error(`no operator ${op}`);
  let code = codes.findIndex(({ builtinCode }) => builtinCode === number);
  if (code < 0) code = codes.push(new OperatorCodeT(Math.min(number, 127), null, 1, number)) - 1;
  const made = new OperatorT(
    code,
    inputs.map((name) => (name === '' ? -1 : place(name))),
    outputs.map(place),
  );
  if (options === undefined) return made;
  const { table, ...fields } = options;
  made.builtinOptionsType = BuiltinOptions[table];
  const module = await generatedModule(kebab(table));
  made.builtinOptions = Object.assign(new module[`${table}T`](), fields);
  return made;
}

async function makeSubgraph(tables, { tensors, operators, inputs, outputs }, codes, buffers) {
  const { SubGraphT, TensorT, BufferT } = tables;
  const place = placeIn(tensors);
  const made = Object.entries(tensors).map(([name, tensor]) => {
    const { shape, data, variable = false } = Array.isArray(tensor) ? { shape: tensor } : tensor;
    const table = new TensorT(shape, data === undefined ? 0 : typeOf(data), 0, name);
    table.hasRank = true;
    table.isVariable = variable;
    if (data !== undefined) {
      table.buffer = buffers.push(new BufferT([...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)])) - 1;
    }
    return table;
  });
  const ops = [];
  for (const operator of operators) ops.push(await makeOperator(tables, operator, codes, place));
  return new SubGraphT(made, inputs.map(place), outputs.map(place), ops, 'main');
}

function placeIn(tensors) {
  const order = Object.keys(tensors);
  return (name) => {
    const index = order.indexOf(name);
    if (index < 0) throw new Error(`no tensor ${name}`);
    return index;
  };
}

/**
 * A model of subgraphs {tensors, operators, inputs, outputs}. `tensors` {name: shape, or {shape, data} for a constant,
 * {shape, variable: true} for a state}; `operators` [{op, inputs, outputs, options: {table, ...fields}}], '' for an
 * operand that is left out; `signatures` [{key, subgraph, inputs: {name: tensor}, outputs}].
 */
export async function writeTflite({ subgraphs, signatures = [] }) {
  const names = ['model', 'sub-graph', 'tensor', 'buffer', 'operator', 'operator-code', 'builtin-operator'];
  const more = ['builtin-options', 'signature-def', 'tensor-map'];
  const tables = Object.assign({}, ...(await Promise.all([...names, ...more].map(generatedModule))));
  const { ModelT, BufferT, SignatureDefT, TensorMapT } = tables;
  const buffers = [new BufferT()];
  const codes = [];
  const graphs = [];
  for (const subgraph of subgraphs) graphs.push(await makeSubgraph(tables, subgraph, codes, buffers));
  const model = new ModelT(3, codes, graphs, 'test');
  model.buffers = buffers;
  model.signatureDefs = signatures.map(({ key, subgraph = 0, inputs, outputs }) => {
    const place = placeIn(subgraphs[subgraph].tensors);
    const map = (entries) => Object.entries(entries).map(([name, tensor]) => new TensorMapT(name, place(tensor)));
    return new SignatureDefT(map(inputs), map(outputs), key, null, subgraph);
  });
  tables.Buffer.createDataVector = (builder, data) => {
    builder.startVector(1, data.length, alignment);
    for (let i = data.length - 1; i >= 0; i -= 1) builder.addInt8(data[i]);
    return builder.endVector();
  };
  // An empty list would say that a built-in op has custom options.
  tables.Operator.createCustomOptionsVector = () => 0;
  const builder = new Builder(1024);
  builder.finish(model.pack(builder), 'TFL3');
  return builder.asUint8Array().slice();
}
