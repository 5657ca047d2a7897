// Calibration in a bundled page: its workers are made by the browser, and its bytes are Node's.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { calibrate } from '../../dist/index.js';
import { temporaryFolder } from '../node/lib/cli.mjs';
import { heldOutDigits } from '../node/lib/pictures.mjs';
import { openBrowser, openPage, skip } from './lib/browser.mjs';
import { root, serve } from './lib/serve.mjs';

// As strict as the page's own.
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:";
const shape = [1, 1, 28, 28];
const main = `
import { calibrate } from 'narrowcast';
window.calibrate = async (pictures, options) => {
  const model = new Uint8Array(await (await fetch('/digits.onnx')).arrayBuffer());
  const samples = pictures.map((data) => ({ image: { shape: ${JSON.stringify(shape)}, data: Float32Array.from(data) } }));
  return (await calibrate(model, samples, options)).ranges;
};
window.cancel = async (pictures) => {
  const controller = new AbortController();
  const onProgress = ({ phase, done }) => phase === 'samples' && done > 0 && controller.abort(new Error('enough'));
  const { signal } = controller;
  return window.calibrate(pictures, { workers: 2, signal, onProgress }).catch((error) => error.message);
};
`;

async function bundle(folder) {
  const { build } = await import('vite');
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'index.html'),
    `<meta http-equiv="Content-Security-Policy" content="${policy}"><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>`,
  );
  await writeFile(join(folder, 'main.js'), main);
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { narrowcast: join(root, 'dist/index.js') } },
    worker: { format: 'es' },
    build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  });
  return join(folder, 'dist');
}

test('Chromium and Node calibrate to the same bytes', { skip }, async (t) => {
  const folder = await bundle(join(await temporaryFolder(t), 'page'));
  const digits = await readFile(join(root, 'models/digits.onnx'));
  const origin = await serve(t, { '/': folder }, new Map([['/digits.onnx', digits]]));
  const { page, log } = await openPage(await openBrowser(t));
  await page.goto(`${origin}/`);
  await page.waitForFunction(() => window.calibrate !== undefined);
  const pictures = (await heldOutDigits()).slice(0, 12).map(({ pixels }) => [...pixels]);
  const samples = pictures.map((data) => ({ image: { shape, data: Float32Array.from(data) } }));
  for (const method of ['moving-average', 'percentile']) {
    const { ranges } = await calibrate(digits, samples, { method, workers: 1 });
    for (const workers of [1, 3]) {
      const options = { method, workers };
      const found = await page.evaluate(([all, given]) => window.calibrate(all, given), [pictures, options]);
      assert.equal(found, ranges, `${method}, ${workers} workers`);
    }
  }
  assert.equal(await page.evaluate((all) => window.cancel(all), pictures), 'enough');
  assert.deepEqual(log.errors, []);
});
