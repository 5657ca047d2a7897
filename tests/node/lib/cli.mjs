import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** Runs the built command line; never throws. `onStderr` sees the text as it comes and the process. */
export function narrowcast(args, { cwd, onStderr = () => {} } = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { cwd });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
      onStderr(stderr, child);
    });
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** A folder that is gone after the test. */
export async function temporaryFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), 'narrowcast-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
