/** What the browser lets the page do: run its own files, and talk to nobody. */
const directives = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "base-uri 'none'",
  "form-action 'none'",
];

export const metaPolicy = directives.join('; ');

// A <meta> tag cannot forbid being framed; a header can.
export const headerPolicy = [...directives, "frame-ancestors 'none'"].join('; ');
