// CONTRIBUTING's promise, kept: a copy of the op template in a folder of its own is an op of the engine, with no other
// file changed. Built in a copy of the sources, so that the tree stays as it is.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

function copyTemplate(ops, name) {
  cpSync(join(ops, '_template'), join(ops, name), { recursive: true });
  for (const file of readdirSync(join(ops, name))) {
    const renamed = join(ops, name, file.replace('_template', name));
    renameSync(join(ops, name, file), renamed);
    writeFileSync(renamed, readFileSync(renamed, 'utf8').replaceAll('_template', name));
  }
}

test('a copy of the op template is an op', { timeout: 900_000 }, (t) => {
  const work = mkdtempSync(join(tmpdir(), 'narrowcast-template-'));
  t.after(() => rmSync(work, { recursive: true }));
  for (const part of ['CMakeLists.txt', 'cmake', 'src', 'tests/driver']) {
    cpSync(join(root, part), join(work, part), { recursive: true });
  }
  copyTemplate(join(work, 'src/ops'), 'probe');
  const build = join(work, 'build');
  const run = (...args) => execFileSync('cmake', args, { stdio: 'pipe' });
  run('-S', work, '-B', build, '-G', 'Ninja', '-DCMAKE_CXX_FLAGS=-O0', '-DNARROWCAST_TESTS=OFF');
  run('--build', build, '--target', 'narrowcast_driver', '-j2');
  const described = JSON.parse(execFileSync(join(build, 'tests/narrowcast_driver'), ['describe']).toString());
  const family = described.ops.find((f) => f.folder === 'probe');
  assert.deepEqual(
    family?.ops.map((op) => [op.domain, op.type]),
    [['com.example', 'Template']],
  );
  assert.ok(described.ops.length > 5, 'the other families are still there');
});
