// The package as a stranger gets it: packed, installed into an empty folder, run, imported and bundled.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { temporaryFolder } from './lib/cli.mjs';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const digits = join(root, 'models/digits.onnx');
const compressedLimit = 5e5;
const packedLimit = 9e5;

let folder;
let packed;

before(async (t) => {
  folder = await temporaryFolder(t);
  const { stdout } = await execute('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
  });
  [packed] = JSON.parse(stdout);
  await writeFile(join(folder, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }');
  // The dependencies come from this checkout, so that no registry is needed.
  const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const theirs = [...Object.keys(dependencies), 'wasm-feature-detect'].map((name) => join(root, 'node_modules', name));
  const options = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--install-links'];
  await execute('npm', ['install', ...options, join(folder, packed.filename), ...theirs], { cwd: folder });
  await copyFile(digits, join(folder, 'digits.onnx'));
});

test('it holds the built files and nothing else, and is small', async () => {
  const outside = packed.files.map(({ path }) => path).filter((path) => !path.startsWith('dist/'));
  assert.deepEqual(
    outside.filter((path) => !['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'NOTICE'].includes(path)),
    [],
  );
  assert.ok(packed.size < packedLimit, `${packed.size} bytes packed`);
  const engine = await readFile(join(folder, 'node_modules/narrowcast/dist/narrowcast.wasm'));
  const { length } = brotliCompressSync(engine); // as static hosts send it
  assert.ok(length < compressedLimit, `the engine has ${length} bytes compressed`);
});

test('its command runs', async () => {
  const bin = join(folder, 'node_modules/.bin/narrowcast');
  const { stdout } = await execute(bin, ['digits.onnx', '--json'], { cwd: folder });
  assert.equal(JSON.parse(stdout).output, join(folder, 'digits.int8.onnx'));
});

test('its command runs a model', async () => {
  const bin = join(folder, 'node_modules/.bin/narrowcast');
  const { stdout } = await execute(bin, ['run', 'digits.onnx', '-o', 'out.npz', '--json'], { cwd: folder });
  const { outputs, output } = JSON.parse(stdout);
  assert.deepEqual([outputs[0].name, outputs[0].shape, output], ['logits', [1, 10], join(folder, 'out.npz')]);
});

test('it is imported in Node, and its engine resolved by name', async () => {
  const script = `
    import { readFile } from 'node:fs/promises';
    import { init, loadModel, quantize, run } from 'narrowcast';
    const { model } = await quantize(await readFile('digits.onnx'));
    await init({ wasm: readFile(new URL(import.meta.resolve('narrowcast/narrowcast.wasm'))) });
    const again = await quantize(await readFile('digits.onnx'));
    const image = { shape: [1, 1, 28, 28], data: new Float32Array(784) };
    const once = await run(await readFile('digits.onnx'), { image });
    const loaded = await loadModel(await readFile('digits.onnx'));
    const { logits } = (await loaded.run({ image })).outputs;
    console.log(model.length, Buffer.compare(model, again.model), logits.data.join() === once.outputs.logits.data.join());
  `;
  await writeFile(join(folder, 'consumer.mjs'), script);
  const { stdout } = await execute(process.execPath, ['consumer.mjs'], { cwd: folder });
  assert.match(stdout, /^\d+ 0 true\n$/);
});

test('its types fit a strict consumer', async () => {
  const script = `
    import { type LoadedModel, loadModel, NarrowcastError, openSamples, quantize, type Report, type Tensor } from 'narrowcast';
    import { calibrate, inspect, type SampleOptions } from 'narrowcast';
    const { model, report } = await quantize(new Uint8Array(8), { mode: 'weight-only', weights: 'int4', blockSize: 64 });
    export const bytes: number = model.byteLength;
    export const told: Report = report;
    export const isTyped = (error: unknown) => error instanceof NarrowcastError && error.code === 'malformed';
    const loaded: LoadedModel = await loadModel(new Uint8Array(8), { winograd: false, signature: 'main' });
    const { outputs, profile } = await loaded.run({ x: { shape: [2], data: Float32Array.of(1, 2) } }, { profile: true });
    export const first: Tensor | undefined = outputs.y;
    export const slowest: number | undefined = profile?.nodes[0]?.ms;
    const options: SampleOptions = { preset: 'imagenet', samples: 100, crop: [224, 224] };
    const samples = await openSamples({ name: 'x.npy', data: new Uint8Array(8) }, await inspect(new Uint8Array(8)), options);
    await calibrate(new Uint8Array(8), samples);
    export const lowest: number | null | undefined = samples.fed()[0]?.channels[0]?.min;
    // @ts-expect-error: not a preset
    await openSamples([], [], { preset: 'torch' });
    // @ts-expect-error: an array that is not typed
    await loaded.run({ x: { shape: [2], data: [1, 2] } });
    // @ts-expect-error: not a mode
    await quantize(new Uint8Array(8), { mode: 'int8' });
  `;
  await mkdir(join(folder, 'typed'), { recursive: true });
  await writeFile(join(folder, 'typed/consumer.mts'), script);
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2023,dom'];
  await execute(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options, 'typed/consumer.mts'], {
    cwd: folder,
  });
});

test('Vite bundles it for the browser, with the engine beside and without Node modules', async () => {
  const { build } = await import('vite');
  const page = join(folder, 'page');
  await mkdir(page, { recursive: true });
  await writeFile(join(page, 'index.html'), '<script type="module" src="./main.js"></script>');
  await writeFile(
    join(page, 'main.js'),
    `import { calibrate, openSamples, quantize } from 'narrowcast';
    openSamples([], []).catch((error) => console.log(error.code));
    calibrate(new Uint8Array(8), []).catch((error) => console.log(error.code));
    quantize(new Uint8Array(8)).catch((error) => console.log(error.code));`,
  );
  const warnings = [];
  const logger = {
    info() {},
    warn: (text) => warnings.push(text),
    warnOnce: (text) => warnings.push(text),
    error: (text) => warnings.push(text),
    clearScreen() {},
    hasErrorLogged: () => false,
  };
  await build({ root: page, configFile: false, customLogger: logger, build: { assetsInlineLimit: 0 } });
  assert.deepEqual(warnings, []);
  const assets = await readdir(join(page, 'dist/assets'));
  const engines = assets.filter((name) => name.endsWith('.wasm')).map((name) => name.replace(/-.*/, ''));
  assert.deepEqual(engines.sort(), ['mozjpeg_dec', 'narrowcast', 'squoosh_png_bg', 'webp_dec']);
  const scripts = assets.filter((name) => name.endsWith('.js'));
  assert.ok(
    scripts.some((name) => name.startsWith('calibrate-worker')),
    scripts.join(', '),
  );
  for (const name of scripts) {
    assert.doesNotMatch(await readFile(join(page, 'dist/assets', name), 'utf8'), /node:|createRequire/, name);
  }
});

test('publint has nothing to say', async () => {
  const { publint } = await import('publint');
  const { messages } = await publint({ pkgDir: join(folder, 'node_modules/narrowcast'), strict: true, pack: false });
  assert.deepEqual(messages, []);
});
