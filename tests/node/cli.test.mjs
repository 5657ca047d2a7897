// The command line as its users meet it: exit codes, what is on stdout, what is written and what is left alone.
import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeNpy } from '../../dist/data/npy.js';
import { outputName, quantize } from '../../dist/index.js';
import { narrowcast, temporaryFolder } from './lib/cli.mjs';
import { bytesOf, input, model, node, numbers, output, tensor } from './lib/onnx-writer.mjs';

const digits = fileURLToPath(new URL('../../models/digits.onnx', import.meta.url));

async function folderWithDigits(t) {
  const cwd = await temporaryFolder(t);
  await copyFile(digits, join(cwd, 'digits.onnx'));
  return cwd;
}

test('narrowcast <model> writes model.int8.onnx beside it and prints its path', async (t) => {
  const cwd = await folderWithDigits(t);
  const { code, stdout, stderr } = await narrowcast(['digits.onnx'], { cwd });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${join(cwd, 'digits.int8.onnx')}\n`);
  assert.match(stderr, /times smaller[\s\S]*worst: .*dB/);
  const expected = await quantize(await readFile(digits));
  assert.deepEqual(await readFile(join(cwd, 'digits.int8.onnx')), Buffer.from(expected.model));
  assert.deepEqual(await readdir(cwd), ['digits.int8.onnx', 'digits.onnx']);
});

test('the name tells the mode, -o takes a file or a folder, several models share one', async (t) => {
  const cwd = await folderWithDigits(t);
  await copyFile(digits, join(cwd, 'other.onnx'));
  const run = async (...args) => assert.equal((await narrowcast([...args, '-q'], { cwd })).code, 0);
  await run('digits.onnx', '--weights', 'int4');
  await run('quantize', 'digits.onnx', '--mode', 'float16', '--storage');
  await run('digits.onnx', '-o', 'deep/er/small.onnx');
  await run('digits.onnx', 'other.onnx', '-o', 'many');
  const files = (await readdir(cwd, { recursive: true })).sort();
  assert.deepEqual(files, [
    'deep',
    'deep/er',
    'deep/er/small.onnx',
    'digits.float16.onnx',
    'digits.int4.onnx',
    'digits.onnx',
    'many',
    'many/digits.int8.onnx',
    'many/other.int8.onnx',
    'other.onnx',
  ]);
});

test('--json prints exactly one object, also for errors and for several models', async (t) => {
  const cwd = await folderWithDigits(t);
  const json = async (code, ...args) => {
    const result = await narrowcast([...args, '--json'], { cwd });
    assert.equal(result.code, code, result.stderr);
    return JSON.parse(result.stdout);
  };
  const report = await json(0, 'digits.onnx');
  assert.equal(report.schema_version, 1);
  assert.equal(report.output, join(cwd, 'digits.int8.onnx'));
  assert.equal(report.output_bytes, (await stat(report.output)).size);
  assert.ok(report.elapsed_ms >= 0 && report.peak_bytes > report.input_bytes);
  assert.ok(report.nodes.length > 0 && report.values.length > 0);
  assert.equal((await json(2, 'digits.onnx', '--weights', 'int3')).error.code, 'usage');
  assert.equal((await json(2, 'missing.onnx')).error.where, 'missing.onnx');
  const { results } = await json(2, 'missing.onnx', 'digits.onnx', '--overwrite');
  assert.deepEqual(
    results.map((result) => result.error?.code ?? result.mode),
    ['usage', 'dynamic-range'],
  );
  assert.equal((await json(0, 'inspect', 'digits.onnx')).estimates.length, 3);
  assert.equal((await json(0, 'describe')).schema_version, 1);
});

test('exit codes: 2 wrong use, 3 invalid model, 6 would not help', async (t) => {
  const cwd = await folderWithDigits(t);
  await writeFile(join(cwd, 'text.onnx'), 'this is not a model at all');
  await writeFile(join(cwd, 'cut.onnx'), (await readFile(digits)).subarray(0, 1000));
  await writeFile(join(cwd, 'recipe.json'), '{"colour": "red"}');
  await writeFile(join(cwd, 'list.json'), '[]');
  for (const [code, pattern, ...args] of [
    [2, /unknown option '--wieghts'[\s\S]*--weights/, 'digits.onnx', '--wieghts', 'int4'],
    [2, /Allowed choices are int8/, 'digits.onnx', '--weights', 'int3'],
    [2, /whole number/, 'digits.onnx', '--block-size', 'many'],
    [2, /multiple of 16/, 'digits.onnx', '--block-size', '17'],
    [2, /no such file/, 'nothing.onnx'],
    [2, /not a file/, '.'],
    [2, /--mode float16/, 'digits.onnx', '--storage'],
    [2, /colour/, 'digits.onnx', '--recipe', 'recipe.json'],
    [2, /not a JSON object/, 'digits.onnx', '--recipe', 'list.json'],
    [2, /MatMulNBits/, 'digits.onnx', '--mode', 'weight-only', '--style', 'qoperator'],
    [3, /malformed/, 'text.onnx'],
    [3, /malformed/, 'cut.onnx'],
    [3, /malformed/, 'inspect', 'cut.onnx'],
    [6, /--keep-going/, 'digits.onnx', '--only', 'nothing'],
  ]) {
    const result = await narrowcast(args, { cwd });
    assert.equal(result.code, code, `${args.join(' ')}: ${result.stderr}`);
    assert.match(result.stderr, pattern);
    assert.match(result.stderr, /what to do: .*\n {2}code: /);
    assert.equal(result.stdout, '');
  }
  const left = ['cut.onnx', 'digits.onnx', 'list.json', 'recipe.json', 'text.onnx'];
  assert.deepEqual(await readdir(cwd), left);
});

test('--keep-going writes what was not worth it', async (t) => {
  const cwd = await folderWithDigits(t);
  const { code } = await narrowcast(['digits.onnx', '--only', 'nothing', '--keep-going'], { cwd });
  assert.equal(code, 0);
  assert.deepEqual(await readFile(join(cwd, 'digits.int8.onnx')), await readFile(digits));
});

test('an existing output stays without --overwrite, the input always', async (t) => {
  const cwd = await folderWithDigits(t);
  await writeFile(join(cwd, 'digits.int8.onnx'), 'precious');
  await symlink('digits.onnx', join(cwd, 'link.onnx'));
  const run = (...args) => narrowcast(['digits.onnx', ...args], { cwd });
  assert.equal((await run()).code, 2);
  assert.equal(await readFile(join(cwd, 'digits.int8.onnx'), 'utf8'), 'precious');
  for (const target of ['digits.onnx', './digits.onnx', 'link.onnx']) {
    const { code, stderr } = await run('-o', target, '--overwrite');
    assert.equal(code, 2);
    assert.match(stderr, /never overwritten/);
  }
  assert.deepEqual(await readFile(join(cwd, 'digits.onnx')), await readFile(digits));
  assert.equal((await run('--overwrite')).code, 0);
  assert.ok((await stat(join(cwd, 'digits.int8.onnx'))).size > 1000);
});

test('the output is called as outputName says', async (t) => {
  const cwd = await folderWithDigits(t);
  const shape = [2, 1, 28, 28];
  await writeFile(join(cwd, 'x.npy'), writeNpy({ dtype: 'float32', shape, data: new Float32Array(2 * 784).fill(0.5) }));
  const samples = ['--calibration', 'x.npy', '--no-judge'];
  for (const [args, recipe, hasRanges, name] of [
    [[], {}, false, 'digits.int8.onnx'],
    [['--weights', 'uint4'], { weights: 'uint4' }, false, 'digits.uint4.onnx'],
    [['--mode', 'dynamic-range'], { mode: 'dynamic-range' }, false, 'digits.dynamic-range.onnx'],
    [samples, {}, true, 'digits.full-integer.onnx'],
    [['--mode', 'auto', '--overwrite', ...samples], { mode: 'auto' }, true, 'digits.full-integer.onnx'],
    [['--mode', 'weight-only', '--overwrite', ...samples], { mode: 'weight-only' }, true, 'digits.int8.onnx'],
  ]) {
    const { code, stdout, stderr } = await narrowcast(['digits.onnx', ...args], { cwd });
    assert.equal(code, 0, stderr);
    assert.equal(stdout.trim(), join(cwd, name));
    assert.equal(outputName('digits.onnx', recipe, hasRanges), name);
  }
});

test('--dry-run tells the sizes and writes nothing', async (t) => {
  const cwd = await folderWithDigits(t);
  const args = ['digits.onnx', '--dry-run', '-v', '--report', 'r.json', '--save-recipe', 's.json'];
  const { code, stdout, stderr } = await narrowcast(args, { cwd });
  assert.equal(code, 0);
  assert.equal(stdout, '');
  assert.match(stderr, /dense14\.weight +quantized +int8 +per_channel +[\d.]+ dB/);
  assert.match(stderr, /nothing was written/);
  assert.deepEqual(await readdir(cwd), ['digits.onnx']);
});

test('a saved recipe gives the same file again, and options win over it', async (t) => {
  const cwd = await folderWithDigits(t);
  const run = async (...args) => {
    const result = await narrowcast(['digits.onnx', '--json', ...args], { cwd });
    assert.equal(result.code, 0, result.stderr);
    return JSON.parse(result.stdout);
  };
  const wish = ['--weights', 'uint4', '--block-size', '16', '--exclude', 'conv0*', '--exclude', 'conv4*'];
  await run(...wish, '--op-types', 'Conv,Gemm', '-o', 'a.onnx', '--save-recipe', 'r.json', '--report', 'report.json');
  await run('--recipe', 'r.json', '-o', 'b.onnx', '--save-recipe', 'r2.json');
  const read = (name) => readFile(join(cwd, name));
  assert.deepEqual(await read('b.onnx'), await read('a.onnx'));
  assert.deepEqual(await read('r2.json'), await read('r.json'));
  const recipe = JSON.parse(await read('r.json'));
  assert.deepEqual(recipe.exclude, ['conv0*', 'conv4*']);
  assert.deepEqual(recipe.op_types, ['Conv', 'Gemm']);
  const report = JSON.parse(await read('report.json'));
  assert.equal(report.output, join(cwd, 'a.onnx'));
  const mixed = await run('--recipe', 'r.json', '--weights', 'int8', '--no-per-channel', '-o', 'c.onnx');
  const narrowed = mixed.values.filter((value) => value.verdict === 'quantized');
  assert.deepEqual([...new Set(narrowed.map((value) => `${value.dtype} ${value.granularity}`))], ['int8 per_tensor']);
});

test('help and version go to stdout, no arguments are answered with help', async () => {
  for (const args of [['--help'], ['quantize', '--help'], ['inspect', '-h'], []]) {
    const { code, stdout, stderr } = await narrowcast(args);
    assert.equal(code, 0);
    assert.match(stdout, /Usage: narrowcast/);
    assert.equal(stderr, '');
  }
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal((await narrowcast(['--version'])).stdout, `${version}\n`);
});

test('inspect tells inputs, ops and what the model could become', async () => {
  const { code, stdout } = await narrowcast(['inspect', digits]);
  assert.equal(code, 0);
  for (const part of ['[batch, 1, 28, 28]', 'BatchNormalization', 'quantized already  no', 'int4', 'float16']) {
    assert.ok(stdout.includes(part), part);
  }
});

/** y = (x W + b) V, big enough for a few steps; W and b in `weights.bin`, V in `other.bin`. */
function externalModel(size) {
  const [w, b, v] = [numbers(size * size, 1), numbers(size, 2), numbers(size * size, 3)];
  const weights = Buffer.concat([bytesOf(w), bytesOf(b)]);
  const place = (location, offset, length) => ({ location, offset, length });
  const parts = [
    node('MatMul', ['x', 'W'], ['p'], 'first'),
    node('Add', ['p', 'b'], ['q'], 'bias'),
    node('MatMul', ['q', 'V'], ['y'], 'second'),
    tensor('W', [size, size], w, place('weights.bin', 0, size * size * 4)),
    tensor('b', [size], b, place('weights.bin', size * size * 4, size * 4)),
    tensor('V', [size, size], v, place('data/other.bin', 0, size * size * 4)),
    input('x', [1, size]),
    output('y', [1, size]),
  ];
  return { bytes: model(parts), files: { 'weights.bin': weights, 'data/other.bin': bytesOf(v) } };
}

async function writeExternalModel(folder, size) {
  const { bytes, files } = externalModel(size);
  await mkdir(join(folder, 'data'), { recursive: true });
  await writeFile(join(folder, 'big.onnx'), bytes);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return { bytes, files };
}

test('external data is read from the folder of the model and written beside the output', async (t) => {
  const cwd = await temporaryFolder(t);
  await writeExternalModel(cwd, 512);
  const { code, stdout, stderr } = await narrowcast(['big.onnx', '--json', '-o', 'out/small.onnx'], { cwd });
  assert.equal(code, 0, stderr);
  const report = JSON.parse(stdout);
  assert.deepEqual(report.external_files_kept, []);
  assert.deepEqual(report.data_files, [join(cwd, 'out/small.onnx.data')]);
  assert.deepEqual(await readdir(join(cwd, 'out')), ['small.onnx', 'small.onnx.data']);
  const sizes = await Promise.all(['out/small.onnx', 'out/small.onnx.data'].map((name) => stat(join(cwd, name))));
  assert.equal(report.output_bytes, sizes[0].size + sizes[1].size);
  assert.ok(report.output_bytes < report.input_bytes * 0.27);
  const ort = await import('onnxruntime-node');
  const run = async (path) => {
    const session = await ort.InferenceSession.create(path, { graphOptimizationLevel: 'disabled' });
    return (await session.run({ x: new ort.Tensor('float32', numbers(512, 9), [1, 512]) })).y.data;
  };
  const [float, narrowed] = [await run(join(cwd, 'big.onnx')), await run(join(cwd, 'out/small.onnx'))];
  const noise = narrowed.reduce((sum, value, i) => sum + (value - float[i]) ** 2, 0);
  const signal = float.reduce((sum, value) => sum + value ** 2, 0);
  assert.ok(10 * Math.log10(signal / noise) > 35);
});

test('a data file that is still needed is copied to another folder and kept in its own', async (t) => {
  const cwd = await temporaryFolder(t);
  const { files } = await writeExternalModel(cwd, 256);
  const away = await narrowcast(['big.onnx', '--json', '--exclude', 'second', '-o', 'out/small.onnx'], { cwd });
  assert.equal(away.code, 0, away.stderr);
  const report = JSON.parse(away.stdout);
  assert.deepEqual(report.external_files_kept, ['data/other.bin']);
  assert.deepEqual(report.data_files, [join(cwd, 'out/small.onnx.data'), join(cwd, 'out/data/other.bin')]);
  assert.deepEqual(await readFile(join(cwd, 'out/data/other.bin')), files['data/other.bin']);
  const beside = await narrowcast(['big.onnx', '--json', '--exclude', 'second', '-o', 'small.onnx'], { cwd });
  assert.equal(beside.code, 0, beside.stderr);
  assert.deepEqual(await readFile(join(cwd, 'data/other.bin')), files['data/other.bin']);
});

test('a missing data file is a typed error; names that lead out of the folder are refused', async (t) => {
  const cwd = await temporaryFolder(t);
  await writeExternalModel(cwd, 64);
  const w = numbers(64 * 64);
  const evil = (location) =>
    model([
      node('MatMul', ['x', 'W'], ['y'], 'first'),
      tensor('W', [64, 64], w, { location }),
      input('x', [1, 64]),
      output('y', [1, 64]),
    ]);
  await mkdir(join(cwd, 'inner'));
  await writeFile(join(cwd, 'secret.bin'), bytesOf(w));
  for (const [location, expected] of [
    ['absent.bin', 'missing_file'],
    ['../secret.bin', 'malformed'],
    ['a/../../secret.bin', 'malformed'],
    [join(cwd, 'secret.bin'), 'malformed'],
    ['..\\secret.bin', 'malformed'],
    ['C:\\secret.bin', 'malformed'],
  ]) {
    await writeFile(join(cwd, 'inner/evil.onnx'), evil(location));
    const { code, stdout } = await narrowcast(['inner/evil.onnx', '--json'], { cwd });
    assert.equal(code, 3, location);
    assert.equal(JSON.parse(stdout).error.code, expected, location);
    assert.deepEqual(await readdir(join(cwd, 'inner')), ['evil.onnx']);
  }
});

test('an interrupt leaves no file behind and exits with 130', async (t) => {
  const cwd = await temporaryFolder(t);
  const size = 2048;
  const layers = Array.from({ length: 8 }, (_, i) => i);
  const parts = layers.flatMap((i) => [
    node('MatMul', [i === 0 ? 'x' : `h${i - 1}`, `W${i}`], [`h${i}`], `layer${i}`),
    tensor(`W${i}`, [size, size], numbers(size * size, i + 1)),
  ]);
  await writeFile(join(cwd, 'large.onnx'), model([...parts, input('x', [1, size]), output('h7', [1, size])]));
  let sent = false;
  const onStderr = (text, child) => {
    if (sent || !text.includes('(writing)')) return;
    sent = true;
    child.kill('SIGINT');
  };
  const { code, signal, stdout, stderr } = await narrowcast(['large.onnx'], { cwd, onStderr });
  assert.ok(sent, stderr);
  assert.equal(signal, null);
  assert.equal(code, 130, stderr);
  assert.equal(stdout, '');
  assert.deepEqual(await readdir(cwd), ['large.onnx']);
});
