// Calibration data in a bundled page: what its decoders and its engine make of files has the bits that Node gives.
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { zipSync } from 'fflate';
import { openSamples } from '../../dist/index.js';
import { temporaryFolder } from '../node/lib/cli.mjs';
import { openBrowser, openPage, skip } from './lib/browser.mjs';
import { root, serve } from './lib/serve.mjs';

// As strict as the page's own.
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:";
const inputs = [{ name: 'x', dtype: 'float32', shape: [1, 3, 28, 28] }];
const main = `
import { openSamples } from 'narrowcast';
window.digest = async (options) => {
  const file = new File([await (await fetch('/all.zip')).blob()], 'all.zip');
  const samples = await openSamples([file], ${JSON.stringify(inputs)}, options);
  const digests = [];
  for await (const { x } of samples) {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', x.data));
    digests.push([...hash].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
  }
  return { digests, fed: samples.fed() };
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

async function archive() {
  const folder = join(root, 'tests/data/pictures');
  const names = await readdir(folder);
  const files = await Promise.all(
    names.map(async (name) => [name, new Uint8Array(await readFile(join(folder, name)))]),
  );
  return Buffer.from(zipSync(Object.fromEntries(files)));
}

async function inNode(zip, options) {
  const samples = await openSamples({ name: 'all.zip', data: zip }, inputs, options);
  const digests = [];
  for await (const { x } of samples) {
    digests.push(Buffer.from(await crypto.subtle.digest('SHA-256', x.data)).toString('hex'));
  }
  return { digests, fed: samples.fed() };
}

test('Chromium and Node make the same tensors of pictures', { skip }, async (t) => {
  const folder = await bundle(join(await temporaryFolder(t), 'page'));
  const zip = await archive();
  const origin = await serve(t, { '/': folder }, new Map([['/all.zip', zip]]));
  const { page, log } = await openPage(await openBrowser(t));
  await page.goto(`${origin}/`);
  await page.waitForFunction(() => window.digest !== undefined);
  for (const options of [{ preset: 'imagenet' }, { preset: 'yolo' }, { preset: 'caffe', interpolation: 'nearest' }]) {
    const expected = await inNode(zip, options);
    assert.ok(expected.digests.length > 5);
    assert.deepEqual(await page.evaluate((given) => window.digest(given), options), expected);
  }
  assert.deepEqual(log.errors, []);
  assert.ok(log.requests.every((url) => url.startsWith(origin)));
});
