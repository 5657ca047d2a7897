// The built page's service worker: every file of the build is kept when the page is first opened, and comes from there.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

// Larger files belong to runtimes that few ask for: they are kept once they were fetched.
const keptAtOnceBytes = 4 * 2 ** 20;

/** Runs in the service worker; it travels as text. */
function serve(scope: ServiceWorkerScope, name: string, files: string[]): void {
  const clean = async (): Promise<void> => {
    for (const key of await caches.keys()) if (key !== name && key.startsWith('narrowcast ')) await caches.delete(key);
    await scope.clients.claim();
  };
  const answer = async (request: Request): Promise<Response> => {
    const kept = await caches.match(request, { ignoreSearch: true });
    if (kept !== undefined) return kept;
    const response = await fetch(request);
    if (response.ok) await (await caches.open(name)).put(request, response.clone());
    return response;
  };
  scope.addEventListener('install', (event) => {
    event.waitUntil(caches.open(name).then((cache) => cache.addAll(files)));
  });
  scope.addEventListener('activate', (event) => event.waitUntil(clean()));
  scope.addEventListener('fetch', (event) => {
    const { method, url } = event.request;
    if (method === 'GET' && new URL(url).origin === scope.location.origin) event.respondWith(answer(event.request));
  });
}

interface ServiceWorkerEvent extends Event {
  request: Request;
  waitUntil(work: Promise<unknown>): void;
  respondWith(answer: Promise<Response>): void;
}

interface ServiceWorkerScope {
  location: Location;
  clients: { claim(): Promise<void> };
  addEventListener(type: string, listen: (event: ServiceWorkerEvent) => void): void;
}

function filesUnder(folder: string, path = ''): string[] {
  return readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) => {
    const inside = path === '' ? entry.name : `${path}/${entry.name}`;
    return entry.isDirectory() ? filesUnder(folder, inside) : [inside];
  });
}

export const offline: Plugin = {
  name: 'narrowcast-offline',
  apply: 'build',
  writeBundle: ({ dir = '' }) => {
    const files = filesUnder(dir).filter((name) => name !== 'sw.js');
    const hash = createHash('sha256');
    for (const name of files.toSorted()) hash.update(name).update(readFileSync(join(dir, name)));
    const kept = files.filter((name) => statSync(join(dir, name)).size <= keptAtOnceBytes);
    const cacheName = `narrowcast ${hash.digest('hex').slice(0, 16)}`;
    const list = JSON.stringify(['./', ...kept]);
    // The types are gone where this runs: Node strips them, or the configuration was bundled.
    writeFileSync(join(dir, 'sw.js'), `(${serve})(self, ${JSON.stringify(cacheName)}, ${list});\n`);
  },
};
