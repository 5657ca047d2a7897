// narrowcast run, as its users meet it; and the arrays it reads and writes.
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { readNpy, readNpz, writeNpy, writeNpz } from '../../dist/data/npy.js';
import { run } from '../../dist/index.js';
import { narrowcast, temporaryFolder } from './lib/cli.mjs';
import { input, model, node, output } from './lib/onnx-writer.mjs';
import { heldOutDigits } from './lib/pictures.mjs';

const digits = fileURLToPath(new URL('../../models/digits.onnx', import.meta.url));
const [{ pixels }] = await heldOutDigits();
const image = { dtype: 'float32', shape: [1, 1, 28, 28], data: pixels };

/** A .npy file by hand, not by our writer. */
function npyFile(header, body, version = 1) {
  const text = Buffer.from(header);
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  return Buffer.concat([
    Buffer.from('\x93NUMPY', 'latin1'),
    Buffer.from([version, 0]),
    length,
    text,
    Buffer.from(body),
  ]);
}
const header = (descr, shape, fortran = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

test('made-up inputs: it tells what comes out, the same for the same seed', async () => {
  const { code, stdout, stderr } = await narrowcast(['run', digits]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /output\s+type\s+shape\s+smallest\s+largest\n\s+logits\s+float32\s+\[1, 10\]/);
  assert.match(stderr, /one run: [\d.]+ ms; memory: [\d.]+ MB/);
  assert.equal((await narrowcast(['run', digits])).stdout, stdout);
  assert.notEqual((await narrowcast(['run', digits, '--seed', '2'])).stdout, stdout);
});

test('--json is one object with outputs, time and memory; --profile adds the nodes', async () => {
  const { code, stdout } = await narrowcast(['run', digits, '--json', '--repeat', '3', '--shape', 'image=2x1x28x28']);
  assert.equal(code, 0);
  const told = JSON.parse(stdout);
  assert.deepEqual(Object.keys(told), [
    'schema_version',
    'model',
    'outputs',
    'median_ms',
    'repeat',
    'peak_bytes',
    'output',
  ]);
  const [{ name, dtype, shape, min, max }] = told.outputs;
  assert.deepEqual([name, dtype, shape], ['logits', 'float32', [2, 10]]);
  assert.ok(min < max && told.median_ms > 0 && told.repeat === 3 && told.peak_bytes > 1e6);
  const profiled = JSON.parse((await narrowcast(['run', digits, '--json', '--profile'])).stdout);
  assert.ok(profiled.profile.some(({ op }) => op === 'Conv'));
  const { stderr } = await narrowcast(['run', digits, '--profile', '--repeat', '2']);
  assert.match(stderr, /median of 2 runs[\s\S]*by op;[\s\S]*Conv[\s\S]*slowest nodes[\s\S]*Conv \+ Relu/);
});

test('arrays go in by name or all at once, and come out as .npz', async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'x.npy'), writeNpy(image));
  await writeFile(join(cwd, 'in.npz'), writeNpz({ image }));
  const { outputs } = await run(await readFile(digits), { image });
  const exact = await run(await readFile(digits), { image }, { winograd: false });
  for (const [given, expected] of [
    [['--inputs', 'image=x.npy'], outputs],
    [['--inputs', 'x.npy'], outputs],
    [['--inputs', 'in.npz'], outputs],
    [['--inputs', 'x.npy', '--no-winograd'], exact.outputs],
  ]) {
    const { code, stderr } = await narrowcast(['run', digits, ...given, '-o', 'deep/out.npz', '--overwrite'], { cwd });
    assert.equal(code, 0, stderr);
    assert.deepEqual(readNpz(await readFile(join(cwd, 'deep/out.npz')), ''), expected);
  }
  assert.deepEqual(await readdir(join(cwd, 'deep')), ['out.npz']);
});

test('an output is not overwritten, a failure leaves none behind', async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'out.npz'), 'mine');
  await writeFile(join(cwd, 'bad.npy'), 'not an array');
  const twice = await narrowcast(['run', digits, '-o', 'out.npz', '--json'], { cwd });
  assert.equal(twice.code, 2);
  assert.match(JSON.parse(twice.stdout).error.message, /--overwrite/);
  assert.equal(await readFile(join(cwd, 'out.npz'), 'utf8'), 'mine');
  const bad = await narrowcast(['run', digits, '--inputs', 'bad.npy', '-o', 'new.npz'], { cwd });
  assert.equal(bad.code, 2);
  assert.deepEqual((await readdir(cwd)).sort(), ['bad.npy', 'out.npz']);
});

test('what is wrong is said with what to give instead', async (t) => {
  const cwd = await temporaryFolder(t);
  const open = model([
    node('Relu', ['x'], ['y']),
    input('x', [1, 'height', 'width']),
    output('y', [1, 'height', 'width']),
  ]);
  const unknown = model([node('Frobnicate', ['x'], ['y']), input('x', [2]), output('y', [2])]);
  await writeFile(join(cwd, 'open.onnx'), open);
  await writeFile(join(cwd, 'unknown.onnx'), unknown);
  const cases = [
    [['open.onnx'], 2, /--shape x=1x1x1[\s\S]*where:\s+x\n/],
    [['open.onnx', '--shape', 'z=1x2x3'], 2, /the model has 'x'/],
    [['open.onnx', '--shape', 'x=axb'], 2, /name=1x3x224x224/],
    [['open.onnx', '--inputs', 'z=a.npy'], 2, /name=file\.npy/],
    [['open.onnx', '--inputs', 'x=a.npy'], 2, /no such file/],
    [['open.onnx', '--repeat', '0'], 2, /at least 1/],
    [['open.onnx', '--signature', 'none', '--shape', 'x=1x2x3'], 2, /no signature 'none'/],
    [['unknown.onnx'], 3, /Frobnicate/],
  ];
  for (const [args, expected, message] of cases) {
    const { code, stdout, stderr } = await narrowcast(['run', ...args], { cwd });
    assert.equal(code, expected, args.join(' '));
    assert.match(stderr, message);
    assert.equal(stdout, '');
  }
  assert.equal((await narrowcast(['run', 'open.onnx', '--shape', 'x=1x2x3'], { cwd })).code, 0);
});

test('inspect and describe say what runs', async (t) => {
  const cwd = await temporaryFolder(t);
  const nodes = [node('Frobnicate', ['x'], ['h'], 'first'), node('Frobnicate', ['h'], ['y'])];
  await writeFile(join(cwd, 'unknown.onnx'), model([...nodes, input('x', [2]), output('y', [2])]));
  assert.match((await narrowcast(['inspect', digits])).stdout, /runs here\s+yes\n/);
  assert.match(
    (await narrowcast(['inspect', 'unknown.onnx'], { cwd })).stdout,
    /runs here\s+no: 2 Frobnicate \(opset 17\)\n/,
  );
  const told = JSON.parse((await narrowcast(['inspect', 'unknown.onnx', '--json'], { cwd })).stdout);
  assert.deepEqual(told.missing_ops, [{ op: 'Frobnicate (opset 17)', count: 2, node: 'first' }]);
  const { ops } = JSON.parse((await narrowcast(['describe', '--json'])).stdout);
  const all = ops.flatMap((family) => family.ops);
  assert.equal(all.find(({ domain, type }) => domain === '' && type === 'Conv').runs, true);
  assert.ok(all.every(({ runs }) => typeof runs === 'boolean'));
});

test('.npy: every element type, every version, rows and columns', () => {
  const arrays = {
    '<f4': ['float32', Float32Array.of(1.5, -2)],
    '<f8': ['float64', Float64Array.of(1.5, -2)],
    '<f2': ['float16', Uint16Array.of(0x3e00, 0xc000)],
    '|i1': ['int8', Int8Array.of(1, -2)],
    '<i2': ['int16', Int16Array.of(1, -2)],
    '<i4': ['int32', Int32Array.of(1, -2)],
    '<i8': ['int64', BigInt64Array.of(1n, -2n)],
    '|u1': ['uint8', Uint8Array.of(1, 2)],
    '<u2': ['uint16', Uint16Array.of(1, 2)],
    '<u4': ['uint32', Uint32Array.of(1, 2)],
    '<u8': ['uint64', BigUint64Array.of(1n, 2n)],
    '|b1': ['bool', Uint8Array.of(1, 0)],
  };
  for (const [descr, [dtype, data]] of Object.entries(arrays)) {
    for (const version of [1, 2, 3]) {
      const file = npyFile(header(descr, '(2,)'), Buffer.from(data.buffer), version);
      assert.deepEqual(readNpy(file, ''), { dtype, shape: [2], data }, descr);
    }
    assert.deepEqual(readNpy(writeNpy({ dtype, shape: [1, 2], data }), ''), { dtype, shape: [1, 2], data });
  }
  const columns = npyFile(header('|u1', '(2, 3)', 'True'), [0, 10, 1, 11, 2, 12]);
  assert.deepEqual([...readNpy(columns, '').data], [0, 1, 2, 10, 11, 12]);
  const scalar = npyFile(header('<i8', '()'), [7, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(readNpy(scalar, ''), { dtype: 'int64', shape: [], data: BigInt64Array.of(7n) });
  const written = Buffer.from(writeNpy({ dtype: 'float32', shape: [3, 1], data: new Float32Array(3) }));
  assert.equal((written.length - 12) % 64, 0);
  assert.deepEqual(written.subarray(0, 10), Buffer.from('934e554d505901007600', 'hex'));
  assert.match(written.toString('latin1', 10), /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(3, 1\), \} *\n/);
});

test('.npy: what is damaged or hostile is a typed error', () => {
  const good = npyFile(header('<f4', '(2,)'), new Uint8Array(8));
  const bad = [
    Buffer.alloc(0),
    good.subarray(0, 9),
    good.subarray(0, 40),
    good.subarray(0, good.length - 1),
    Buffer.concat([good, Buffer.from([0])]),
    npyFile(header('<f4', '(2,)'), new Uint8Array(8), 4),
    npyFile(header('>f4', '(2,)'), new Uint8Array(8)),
    npyFile(header('<c8', '(1,)'), new Uint8Array(8)),
    npyFile(header('constructor', '(2,)'), new Uint8Array(8)),
    npyFile(header('|O', '(1,)'), new Uint8Array(8)),
    npyFile(header('<f4', '(-2,)'), new Uint8Array(8)),
    npyFile(header('<f4', '(2'), new Uint8Array(8)),
    npyFile(header('<f4', '(,)'), new Uint8Array(4)),
    npyFile(header('<f4', '(99999999999999999999, 0)'), new Uint8Array(0)),
    npyFile(header('<f4', `(${'1, '.repeat(65)})`), new Uint8Array(4)),
    npyFile(header('<f4', '(4294967296, 4294967296)'), new Uint8Array(8)),
    npyFile("{'descr': '<f4'}\n", new Uint8Array(8)),
    npyFile('x'.repeat(65000), new Uint8Array(8)),
  ];
  for (const file of bad) {
    assert.throws(() => readNpy(file, 'x.npy'), { name: 'NarrowcastError', code: 'usage', where: 'x.npy' });
  }
  for (let i = 0; i < good.length; i += 1) {
    const flipped = Buffer.from(good);
    flipped[i] ^= 0x15;
    try {
      readNpy(flipped, '');
    } catch (error) {
      assert.equal(error.code, 'usage', `byte ${i}: ${error}`);
    }
  }
});

test('.npz: damaged and hostile ones are typed errors, the same arrays give the same file', () => {
  const file = writeNpz({ image, 'a/b:0': { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) } });
  assert.deepEqual(Object.keys(readNpz(file, '')), ['image', 'a/b:0']);
  assert.deepEqual(writeNpz({ image }), writeNpz({ image }));
  const central = Buffer.from(file).indexOf('PK\x01\x02');
  const huge = Buffer.from(file);
  huge.writeUInt32LE(0xfffffff0, central + 24);
  for (const bytes of [Buffer.alloc(0), file.subarray(0, 100), Buffer.from('PK nonsense'), huge]) {
    assert.throws(() => readNpz(bytes, 'in.npz'), { name: 'NarrowcastError', code: 'usage' });
  }
});
