// A static server of this machine only: folders by prefix, and single files that a test holds in memory.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
};

async function pathOf(folders, pathname) {
  const prefix = Object.keys(folders).find((start) => pathname.startsWith(start));
  if (prefix === undefined) return undefined;
  const inside = normalize(`/${decodeURIComponent(pathname.slice(prefix.length))}`);
  const path = join(folders[prefix], inside.endsWith('/') ? `${inside}index.html` : inside);
  return stat(path).then(
    (found) => (found.isFile() ? path : undefined),
    () => undefined,
  );
}

/**
 * Serves until the test `t` is over. `folders` {prefix: folder}, the first that fits counts; `files` (a Map from path
 * to bytes) comes before them and may be added to. No header beyond the type is sent: what the page forbids itself, it
 * forbids by its own <meta>.
 */
export async function serve(t, folders, files = new Map()) {
  const server = createServer(async ({ url }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const bytes = files.get(pathname);
    const path = bytes === undefined ? await pathOf(folders, pathname) : undefined;
    if (bytes === undefined && path === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': types[extname(path ?? pathname)] ?? 'application/octet-stream' });
    if (path === undefined) response.end(bytes);
    else createReadStream(path).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}`;
}
