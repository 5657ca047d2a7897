// An independent reader of ONNX files: npm's protobufjs takes the wire format apart, down to the records whose change
// the edit log speaks of. It shares nothing with the engine but ONNX's field numbers.
import { createHash } from 'node:crypto';
import protobuf from 'protobufjs/minimal.js';
import { bytesField } from './onnx-writer.mjs';

const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const NODE_ATTRIBUTE = 5;
const ATTRIBUTE_GRAPHS = new Set([6, 11]);
const NODE_NAME = 3;
const BYTES = 2;

/** Fields of one message: {number, bytes} with `bytes` as the field stands in the file, `body` what it holds. */
export function fieldsOf(message) {
  const reader = protobuf.Reader.create(message);
  const fields = [];
  while (reader.pos < reader.len) {
    const begin = reader.pos;
    const tag = reader.uint32();
    const type = tag & 7;
    let body = null;
    if (type === BYTES) body = reader.bytes();
    else reader.skipType(type);
    fields.push({ number: tag >>> 3, bytes: message.subarray(begin, reader.pos), body });
  }
  return fields;
}

const hash = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 24);
const text = (body) => Buffer.from(body).toString();

const nodeHasBody = (body) =>
  fieldsOf(body).some(
    (f) => f.number === NODE_ATTRIBUTE && fieldsOf(f.body).some((a) => ATTRIBUTE_GRAPHS.has(a.number)),
  );

/** What a node's record says, for tests to compare before and after. */
export function readNode(body) {
  const all = fieldsOf(body);
  const texts = (number) => all.filter((f) => f.number === number).map((f) => text(f.body));
  const attributes = all.filter((f) => f.number === NODE_ATTRIBUTE);
  return {
    inputs: texts(1),
    outputs: texts(2),
    name: texts(3)[0] ?? '',
    op: texts(4)[0],
    attributes: Object.fromEntries(
      attributes.map((f) => [text(fieldsOf(f.body).find((a) => a.number === 1).body), hash(f.bytes)]),
    ),
  };
}

// A node with bodies is its own fields without the graphs, and then the records of each graph.
function* nodeRecords(path, field) {
  if (!nodeHasBody(field.body)) {
    yield { path, field: GRAPH_NODE, key: hash(field.bytes), body: field.body };
    return;
  }
  for (const part of fieldsOf(field.body)) {
    const graphs =
      part.number === NODE_ATTRIBUTE ? fieldsOf(part.body).filter((a) => ATTRIBUTE_GRAPHS.has(a.number)) : [];
    if (graphs.length === 0) yield { path: `${path}/node`, field: part.number, key: hash(part.bytes), body: part.body };
    for (const graph of graphs) yield* graphRecords(`${path}/body`, graph.body);
  }
}

function* graphRecords(path, body) {
  for (const field of fieldsOf(body)) {
    if (field.number === GRAPH_NODE) yield* nodeRecords(path, field);
    else yield { path, field: field.number, key: hash(field.bytes), body: field.body };
  }
}

/** Every record of a model, in file order. */
export function onnxRecords(bytes) {
  const records = [];
  for (const field of fieldsOf(bytes)) {
    if (field.number === MODEL_GRAPH) records.push(...graphRecords('graph', field.body));
    else records.push({ path: 'model', field: field.number, key: hash(field.bytes), body: field.body });
  }
  return records;
}

/** Records only in the old file, only in the new one, and whether those in both kept their order. */
export function diffRecords(before, after) {
  const count = new Map();
  const id = (r) => `${r.path}:${r.field}:${r.key}`;
  for (const r of before) count.set(id(r), (count.get(id(r)) ?? 0) + 1);
  const added = [];
  const keptNew = [];
  for (const r of after) {
    const left = count.get(id(r)) ?? 0;
    if (left > 0) count.set(id(r), left - 1);
    (left > 0 ? keptNew : added).push(r);
  }
  const removed = [];
  const keptOld = [];
  const toRemove = new Map(count);
  for (const r of [...before].reverse()) {
    const left = toRemove.get(id(r)) ?? 0;
    if (left > 0) toRemove.set(id(r), left - 1);
    (left > 0 ? removed : keptOld).unshift(r);
  }
  const sameOrder = keptOld.length === keptNew.length && keptOld.every((r, i) => id(r) === id(keptNew[i]));
  return { removed: removed.reverse(), added, sameOrder };
}

function* graphNodes(graph) {
  for (const field of fieldsOf(graph)) {
    if (field.number !== GRAPH_NODE) continue;
    yield readNode(field.body);
    for (const attribute of fieldsOf(field.body).filter((f) => f.number === NODE_ATTRIBUTE)) {
      for (const part of fieldsOf(attribute.body)) if (ATTRIBUTE_GRAPHS.has(part.number)) yield* graphNodes(part.body);
    }
  }
}

/** Every node of a model, those of bodies behind the one that holds them. */
export function nodesOf(bytes) {
  return fieldsOf(bytes)
    .filter((field) => field.number === MODEL_GRAPH)
    .flatMap((field) => [...graphNodes(field.body)]);
}

/** The model with a name for every node of its main graph: that of its first output where it had none. */
export function withNodeNames(bytes) {
  const named = (node) => {
    const { name, outputs } = readNode(node.body);
    return name === '' ? Buffer.concat([node.body, bytesField(NODE_NAME, outputs[0])]) : node.body;
  };
  const rebuild = (message, number, change) =>
    Buffer.concat(
      fieldsOf(message).map((field) => (field.number === number ? bytesField(number, change(field)) : field.bytes)),
    );
  return rebuild(bytes, MODEL_GRAPH, (graph) => rebuild(graph.body, GRAPH_NODE, named));
}
