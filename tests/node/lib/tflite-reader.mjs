// An independent reader of TFLite files: code that flatc makes from schema.fbs, on npm's flatbuffers. It shares nothing
// with the engine but the schema, so what it sees in a written file is what other programs see.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inflateRawSync } from 'node:zlib';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const schemaPath = join(root, 'src/formats/tflite/schema.fbs');

let generated;

// Runs flatc and turns its TypeScript into modules, once for each state of the schema; the folder that they are in.
async function generate() {
  const hash = createHash('sha256').update(readFileSync(schemaPath)).digest('hex').slice(0, 16);
  const folder = join(root, 'build/tflite-reader', hash);
  if (!existsSync(folder)) {
    const { default: ts } = await import('typescript');
    mkdirSync(dirname(folder), { recursive: true });
    const work = mkdtempSync(`${folder}-`);
    execFileSync('flatc', ['--ts', '--gen-object-api', '-o', work, schemaPath]);
    const modules = join(work, 'tflite');
    for (const name of readdirSync(modules)) {
      const source = readFileSync(join(modules, name), 'utf8');
      const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: false };
      const code = ts.transpileModule(source, { compilerOptions: options }).outputText;
      writeFileSync(
        join(modules, name.replace(/\.ts$/, '.mjs')),
        code.replace(/from '(\.\.?\/[^']*)'/g, "from '$1.mjs'"),
      );
      rmSync(join(modules, name));
    }
    try {
      renameSync(work, folder); // another test process may have been faster
    } catch {
      rmSync(work, { recursive: true, force: true });
    }
  }
  return join(folder, 'tflite');
}

/** What flatc made of a table or enum of the schema, by the name of its module: 'builtin-operator'. */
export async function generatedModule(name) {
  return import(pathToFileURL(join(await generate(), `${name}.mjs`)).href);
}

async function loadGenerated() {
  const [{ Model }, { Buffer: BufferTable }, { Operator }] = await Promise.all(
    ['model', 'buffer', 'operator'].map(generatedModule),
  );
  // Unpacked as the bytes they are: a number for each byte of the weights would take minutes.
  BufferTable.prototype.unpack = function unpack() {
    return { data: this.dataArray() ?? new Uint8Array(), offset: this.offset(), size: this.size() };
  };
  return { Model, Operator };
}

// Class instances of the object API become plain objects that name their table.
function toPlain(value) {
  if (Array.isArray(value)) return value.map(toPlain);
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  const plain = {};
  const table = value.constructor.name;
  if (table !== 'Object') plain.$table = table.replace(/T$/, '');
  for (const [key, field] of Object.entries(value)) plain[key] = toPlain(field);
  return plain;
}

// Offsets say where data stands, not what it is: they give way to the bytes.
function embed(holder, offsetKey, sizeKey, dataKey, bytes) {
  const offset = holder[offsetKey];
  const size = holder[sizeKey];
  if (offset > 1n && size > 1n) {
    holder[dataKey] = bytes.subarray(Number(offset), Number(offset + size));
    holder.outside = true;
  }
  delete holder[offsetKey];
  delete holder[sizeKey];
}

// The ZIP behind a model, name -> content; null when there is none. Strict: offsets count from the start of the file.
export function readArchive(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.byteLength - 22;
  if (end < 0 || view.getUint32(end, true) !== 0x06054b50) return null;
  const files = {};
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (view.getUint32(at, true) !== 0x02014b50) throw new Error(`no ZIP entry at byte ${at}`);
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const local = view.getUint32(at + 42, true);
    if (view.getUint32(local, true) !== 0x04034b50) throw new Error(`no ZIP file at byte ${local}`);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const packed = bytes.subarray(start, start + view.getUint32(at + 20, true));
    files[name] = view.getUint16(at + 10, true) === 8 ? new Uint8Array(inflateRawSync(packed)) : packed;
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return files;
}

/** Everything a TFLite file says, as a plain object: tables, lists, strings, bigints for 64-bit fields, and
 * Uint8Array for the data of buffers, wherever it stands. `archive` is the ZIP behind the model. */
export async function readTflite(bytes) {
  generated ??= loadGenerated();
  const { Model } = await generated;
  const { ByteBuffer } = await import('flatbuffers');
  const buffer = new ByteBuffer(bytes);
  if (!buffer.__has_identifier('TFL3')) throw new Error('not a TFLite file');
  const model = toPlain(Model.getRootAsModel(buffer).unpack());
  for (const entry of model.buffers) embed(entry, 'offset', 'size', 'data', bytes);
  for (const subgraph of model.subgraphs) {
    for (const op of subgraph.operators) {
      embed(op, 'largeCustomOptionsOffset', 'largeCustomOptionsSize', 'customOptions', bytes);
    }
  }
  model.archive = readArchive(bytes);
  return model;
}

/** The paths at which two results of readTflite differ, such as "subgraphs[0].tensors[2].type"; lists of different
 * length give "<path>.length" besides the entries that both have. */
export function diffTflite(a, b, path = '') {
  if (Object.is(a, b)) return [];
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return [path];
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0 ? [] : [path];
  if (Array.isArray(a) !== Array.isArray(b) || a instanceof Uint8Array || b instanceof Uint8Array) return [path];
  if (Array.isArray(a)) {
    const paths = a.length === b.length ? [] : [`${path}.length`];
    const both = Math.min(a.length, b.length);
    for (let i = 0; i < both; i++) paths.push(...diffTflite(a[i], b[i], `${path}[${i}]`));
    return paths;
  }
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => diffTflite(a[key], b[key], path === '' ? key : `${path}.${key}`));
}

/** The operators of the first subgraph: {code, version, inputs, outputs, options}, with the names of tables left out. */
export function operatorsOf({ operatorCodes, subgraphs: [{ operators }] }) {
  return operators.map(({ opcodeIndex, inputs, outputs, builtinOptions }) => {
    const { builtinCode, deprecatedBuiltinCode, version } = operatorCodes[opcodeIndex];
    return { code: Math.max(builtinCode, deprecatedBuiltinCode), version, inputs, outputs, options: builtinOptions };
  });
}

/** What a tensor says of its codes. */
export function quantOf({ quantization }) {
  const { scale = [], zeroPoint = [], quantizedDimension: axis = 0 } = quantization ?? {};
  return { scales: scale, zeroPoints: zeroPoint.map(Number), axis };
}

/** The codes that a constant tensor holds. */
export function int8Of({ buffers }, { buffer }) {
  return Int8Array.from(buffers[buffer].data, (byte) => (byte << 24) >> 24);
}
