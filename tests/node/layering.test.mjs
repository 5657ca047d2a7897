// The dependency rule of src/CMakeLists.txt, checked against every include; and who alone may see what.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const src = join(root, 'src');

const files = readdirSync(src, { recursive: true })
  .filter((f) => /\.(cc|h)$/.test(f))
  .map((f) => f.replaceAll('\\', '/'));
const includesOf = (file) =>
  [...readFileSync(join(src, file), 'utf8').matchAll(/^#include [<"]([^>"]+)[>"]/gm)].map((m) => m[1]);

// nc_layer(name DEPENDS a b) lines; a layer sees what its dependencies see.
const direct = new Map(
  [...readFileSync(join(src, 'CMakeLists.txt'), 'utf8').matchAll(/^nc_layer\((\S+?)(?: DEPENDS ([^)]*))?\)/gm)].map(
    ([, name, depends]) => [name, depends?.split(' ') ?? []],
  ),
);
const visible = (layer) => new Set([layer, ...direct.get(layer).flatMap((d) => [...visible(d)])]);
const layers = [...direct.keys()].sort((a, b) => b.length - a.length);
const layerOf = (path) => layers.find((layer) => path.startsWith(`${layer}/`));

test('every source file belongs to a layer', () => {
  const homeless = files.filter((f) => !layerOf(f) && f !== 'formats/format.h');
  assert.deepEqual(homeless, []);
});

test('no file includes what its layer must not see', () => {
  const wrong = [];
  for (const file of files) {
    const allowed = visible(layerOf(file) ?? 'ir');
    for (const include of includesOf(file)) {
      const layer = layerOf(include);
      if (layer && !allowed.has(layer)) wrong.push(`${file} includes ${include}`);
    }
  }
  assert.deepEqual(wrong, []);
});

// A library or header that only some files may include.
const reserved = [
  { what: /^emscripten/, who: /^$/ },
  { what: /\.pb\.h$|^google\/protobuf/, who: /^formats\/onnx\// },
  { what: /^nlohmann\//, who: /^(base\/json\.h$|(calib|plan|report|job)\/)/ },
  { what: /wasm_simd128\.h$|^simde\//, who: /^kernels\/simd\.h$/ },
  { what: /^(cmath|math\.h)$/, who: /_test\.cc$|_test_util\.h$/ },
];

test('reserved headers are included only where they belong', () => {
  const wrong = [];
  for (const file of files) {
    for (const include of includesOf(file)) {
      const rule = reserved.find((r) => r.what.test(include));
      if (rule && !rule.who.test(file)) wrong.push(`${file} includes <${include}>`);
    }
  }
  assert.deepEqual(wrong, []);
});

// Results must not depend on whose C library a build links.
test('the engine calls no function of the C mathematics library', (t) => {
  const folder = ['native', 'native-asan'].map((preset) => join(root, 'build', preset, 'src')).find(existsSync);
  if (!folder) return t.skip('not built');
  const libraries = readdirSync(folder).filter((f) => /^libnc_.*\.a$/.test(f));
  assert.ok(libraries.length > 5);
  const names = execFileSync('nm', ['-u', ...libraries.map((f) => join(folder, f))], { maxBuffer: 1 << 28 }).toString();
  const called = new Set([...names.matchAll(/^\s+U (\w+)/gm)].map((m) => m[1]));
  const mathematics =
    'acos asin atan atan2 cbrt ceil cos cosh erf erfc exp exp2 expm1 fdim floor fma fmod frexp hypot ldexp '
      .concat(
        'lgamma llrint llround log log10 log1p log2 logb lrint lround modf nearbyint pow remainder rint round scalbn ',
      )
      .concat('sin sinh sqrt tan tanh tgamma trunc');
  const forbidden = mathematics.split(' ').flatMap((f) => [f, `${f}f`, `${f}l`]);
  assert.deepEqual(
    forbidden.filter((f) => called.has(f)),
    [],
  );
});

test('no file is longer than 600 lines', () => {
  const folders = ['src', 'wasm', 'web', 'tests', 'bench'];
  const long = [];
  for (const folder of folders) {
    for (const file of readdirSync(join(root, folder), { recursive: true })) {
      if (!/\.(cc|h|ts|tsx|mjs|css)$/.test(file)) continue;
      const lines = readFileSync(join(root, folder, file), 'utf8').split('\n').length - 1;
      if (lines > 600) long.push(`${relative(root, join(root, folder, file))}: ${lines}`);
    }
  }
  assert.deepEqual(long, []);
});
