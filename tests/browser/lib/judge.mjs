// Runs models in a browser's onnxruntime-web and LiteRT.js, which say what a narrowed model is worth.
import { join } from 'node:path';
import { openPage } from './browser.mjs';
import { root, serve } from './serve.mjs';

// LiteRT writes everything to console.error, also what is no more than information.
const harmless = /^error: (INFO|WARNING): /;
const complaint = /^error: |\bERROR:|\[E:onnxruntime/;

export async function openJudge(t, browser) {
  const files = new Map();
  const folders = {
    '/dist/': join(root, 'dist'),
    '/node_modules/': join(root, 'node_modules'),
    '/judge/': join(root, 'tests/browser/judge'),
  };
  const origin = await serve(t, folders, files);
  const { page, log } = await openPage(browser);
  await page.goto(`${origin}/judge/`);
  await page.waitForFunction(() => window.judge !== undefined);
  let count = 0;
  const put = (bytes) => {
    count += 1;
    const url = `/files/${count}`;
    files.set(url, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return url;
  };
  return {
    log,
    hashes: (bytes, modes) => page.evaluate(([url, all]) => window.judge.hashes(url, all), [put(bytes), modes]),
    /** `inputs`: [{name, dtype, shape, bytes}]; `ways`: options by name. */
    runHashes: (bytes, inputs, ways) => {
      const sent = inputs.map(({ bytes: content, ...input }) => ({ ...input, url: put(content) }));
      return page.evaluate(([url, all, each]) => window.judge.runHashes(url, all, each), [put(bytes), sent, ways]);
    },
    /** `runs`: [{input: {data, dims}}] */
    runOnnx: (bytes, runs) => {
      const sent = runs.map((run) =>
        Object.fromEntries(Object.entries(run).map(([name, { data, dims }]) => [name, { url: put(data), dims }])),
      );
      return page.evaluate(([url, all]) => window.judge.runOnnx(url, all), [put(bytes), sent]);
    },
    /** `runs`: [[{data, dims}]] */
    runTflite: (bytes, runs) => {
      const sent = runs.map((run) => run.map(({ data, dims }) => ({ url: put(data), dims })));
      return page.evaluate(([url, all]) => window.judge.runTflite(url, all), [put(bytes), sent]);
    },
    /** Errors in the runtimes' log fail a test, even where the numbers are right. */
    complaints: () => log.console.filter((line) => complaint.test(line) && !harmless.test(line)),
  };
}
