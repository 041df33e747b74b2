// The pages in api/ are made from the types: `npm run docs` after each change.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MockRelay } from '../mock/mock.js';

const HERE = fileURLToPath(new URL('..', import.meta.url));

async function pages(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name)).sort();
  return Promise.all(files.map(async (path) => [path.slice(folder.length), await readFile(path, 'utf8')]));
}

test('the documentation is what the types say: `npm run docs`', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'caisse-relay-api-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  execFileSync(process.execPath, [join(HERE, 'node_modules/typedoc/bin/typedoc'), '--out', folder, '--logLevel', 'Error'], { cwd: HERE });
  const [made, kept] = [await pages(folder), await pages(join(HERE, 'api'))];
  assert.deepEqual(kept.map(([path]) => path), made.map(([path]) => path));
  for (const [index, [path, text]] of made.entries()) assert.equal(kept[index][1], text, path);
});

test('the twelve lines of the README sell', async () => {
  const readme = await readFile(join(HERE, 'README.md'), 'utf8');
  const [, code] = /```js\n([\s\S]*?)```/.exec(readme);
  const lines = code.split('\n').filter((line) => line.trim());
  assert.ok(lines.length <= 12, `${lines.length} lines`);
  const world = new MockRelay();
  const recorded = new Map();
  const program = code.replace(/^import .*$/gm, '');
  const run = new Function('connect', 'record', 'show', 'button', `return (async () => {${program}})()`);
  const button = {};
  await run(world.connect, async (payment) => recorded.set(payment.id, payment.outcome), () => {}, button);
  await button.onclick();
  await new Promise((done) => setImmediate(done));
  assert.deepEqual([[...recorded.values()], world.ledger.length, world.payments[0].acknowledged], [['approved'], 1, true]);
});
