import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { headerPolicy, metaPolicy } from './csp.ts';
import { offline } from './offline.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const { version } = JSON.parse(readFileSync(path('../package.json'), 'utf8')) as { version: string };

// Only in the built page: the development server adds scripts of its own.
const policyTag: Plugin = {
  name: 'narrowcast-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: metaPolicy },
      injectTo: 'head-prepend',
    },
  ],
};

// LiteRT.js finds its files by their names in a folder.
const liteRtFiles: Plugin = {
  name: 'narrowcast-litert',
  apply: 'build',
  generateBundle() {
    for (const name of ['litert_wasm_internal.js', 'litert_wasm_internal.wasm']) {
      const source = readFileSync(path(`../node_modules/@litertjs/core/wasm/${name}`));
      this.emitFile({ type: 'asset', fileName: `litert/${name}`, source });
    }
  },
};

export default defineConfig({
  root: path('.'),
  // Relative, so that the folder can be served from anywhere.
  base: './',
  plugins: [policyTag, liteRtFiles, offline],
  define: { __VERSION__: JSON.stringify(version), __POLICY__: JSON.stringify(metaPolicy) },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // The page uses the package as its users do, from the built files.
  resolve: { alias: { narrowcast: path('../dist/index.js') } },
  server: { fs: { allow: [path('..')] } },
  preview: {
    headers: {
      'Content-Security-Policy': headerPolicy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    },
  },
  worker: { format: 'es' },
  assetsInclude: ['**/*.onnx', '**/*.tflite', '**/*.zip'],
  build: {
    outDir: path('../build/web'),
    emptyOutDir: true,
    target: 'es2022',
    // Inlined files would be data: URLs, which the policy forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'demos/digits/index.html', 'demos/face/index.html', 'demos/text/index.html'].map(path),
    },
  },
});
