// What a point of sale gets from `npm install caisse-relay-client`, and what it costs its page.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { access, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = fileURLToPath(new URL('..', import.meta.url));

/** As a bundler puts the client into a page: minified, and each file gzipped, in bytes. */
async function weights() {
  const { outputFiles } = await build({
    entryPoints: [join(HERE, 'caisse-relay.js')],
    bundle: true, splitting: true, minify: true, charset: 'utf8', format: 'esm', target: 'es2022', chunkNames: '[name]', outdir: 'nowhere', write: false,
  });
  const weigh = ({ path, contents }) => [basename(path, '.js'), gzipSync(contents, { level: 9 }).length];
  return Object.fromEntries(outputFiles.map(weigh));
}

test('the client is small: 6 KiB with the sentences of one language, 5 KiB without', async () => {
  const { french, english, ...code } = await weights();
  const sum = Object.values(code).reduce((total, weight) => total + weight, 0);
  assert.ok(sum <= 5 * 1024, `the code is ${sum} bytes`);
  for (const language of [french, english]) assert.ok(sum + language <= 6 * 1024, `the client is ${sum + language} bytes`);
});

test('the package holds what it exports, and no test', async () => {
  const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: HERE, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  const packed = files.map(({ path }) => path);
  const { exports, types, sideEffects } = JSON.parse(await readFile(join(HERE, 'package.json'), 'utf8'));
  for (const path of [types, ...Object.values(exports).flatMap(Object.values)]) {
    assert.ok(packed.includes(path.replace('./', '')), path);
  }
  assert.equal(sideEffects, false);
  assert.deepEqual(packed.filter((path) => /test|demo|odoo|node_modules/.test(path)), []);
});

test('it is imported by its name, the mock too', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'caisse-relay-client-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  execFileSync('mkdir', ['-p', join(folder, 'node_modules')]);
  await symlink(HERE, join(folder, 'node_modules/caisse-relay-client'));
  await access(join(folder, 'node_modules/caisse-relay-client/package.json'));
  const program = `
    import { connect, RelayError } from 'caisse-relay-client';
    import { MockRelay } from 'caisse-relay-client/mock';
    const payment = await new MockRelay().connect().pay({ amount: 1250, currency: 'EUR' });
    console.log(typeof connect, RelayError.name, payment.outcome);`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: folder, encoding: 'utf8' });
  assert.equal(said.trim(), 'function RelayError approved');
});
