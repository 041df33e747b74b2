// What a point of sale gets from `npm install caisse-relay-client`, and what it costs its page.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { before, after, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { parse } from 'acorn';
import { build } from 'esbuild';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const { exports, types, sideEffects, unpkg } = JSON.parse(await readFile(join(HERE, 'package.json'), 'utf8'));

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

let folder;
let packed;
/** Installed as `npm install` does, into a folder that has nothing else; React, Vue and their types are beside it, as in a project. */
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caisse-relay-client-'));
  const options = { cwd: HERE, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  const [{ filename, files }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', folder], options).replace(/^[^[]*/, ''));
  packed = files.map(({ path }) => path);
  const home = join(folder, 'node_modules/caisse-relay-client');
  await mkdir(home, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', home, '--strip-components', '1']);
  await mkdir(join(folder, 'node_modules/@types'));
  for (const name of ['react', 'vue', '@types/react', '@vue', 'csstype']) await symlink(join(HERE, 'node_modules', name), join(folder, 'node_modules', name));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
});
after(() => rm(folder, { recursive: true, force: true }));

test('the package holds what it exports and imports, and no test', async () => {
  const targets = Object.values(exports).flatMap((target) => (typeof target === 'string' ? target : Object.values(target)));
  for (const path of [types, unpkg, ...targets]) assert.ok(packed.includes(path.replace('./', '')), path);
  for (const path of packed.filter((name) => /^[^/]*\.js$|^(component|mock)\/.*\.js$/.test(name))) {
    for (const [, from] of (await readFile(join(HERE, path), 'utf8')).matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) {
      assert.ok(packed.includes(join(path, '..', from)), `${path} imports ${from}`);
    }
  }
  assert.deepEqual(packed.filter((path) => /test|demo|odoo|status|onboarding|example|node_modules|serve\.js|build\.js/.test(path)), []);
  // The element is defined by being imported; everything else a bundler may leave out.
  for (const path of sideEffects) assert.match(path, /component|script/);
});

const PROGRAM = `
import { connect, RelayError, type ErrorCode, type Payment } from 'caisse-relay-client';
import { Checkout, type View } from 'caisse-relay-client/checkout';
import { CaisseRelayPayment, type PaymentEvent } from 'caisse-relay-client/component';
import { MockRelay } from 'caisse-relay-client/mock';
import { useCheckout as useReact } from 'caisse-relay-client/react';
import { useCheckout as useVue } from 'caisse-relay-client/vue';
import type * as Script from 'caisse-relay-client/script';

const world = new MockRelay();
world.next({ refused: 'terminal_busy', heldBy: { payment: null, till: 'Caisse 2' } });
const relay = world.connect({ lang: 'en' });
const code: ErrorCode = await relay.pay({ amount: 1250, currency: 'EUR' }).catch((error: RelayError) => error.code) as ErrorCode;
const payment: Payment = await relay.pay({ amount: 1250, currency: 'EUR' });
const checkout = new Checkout(relay, (payment) => payment.id);
const view: View = checkout.view;
const element: CaisseRelayPayment | null = null as CaisseRelayPayment | null;
element?.addEventListener('payment', (event: PaymentEvent) => event.waitUntil(event.payment.paid));
export type Global = typeof Script.connect;
console.log([typeof connect, code, payment.outcome, view.stage, typeof CaisseRelayPayment, typeof useReact, typeof useVue].join());
`;

test('it installs into an empty folder: every export is imported by its name, and typed', async () => {
  await writeFile(join(folder, 'program.ts'), PROGRAM);
  const tsc = join(HERE, 'node_modules/typescript/bin/tsc');
  const strict = ['--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2023,dom', '--outDir', folder, join(folder, 'program.ts')];
  const { stdout } = spawnSync(process.execPath, [tsc, ...strict], { cwd: folder, encoding: 'utf8' });
  assert.equal(stdout, '');
  const said = execFileSync(process.execPath, ['program.js'], { cwd: folder, encoding: 'utf8' });
  assert.equal(said.trim(), 'function,terminal_busy,approved,idle,function,function,function');
});

test('neither React nor Vue is needed by who uses none', async () => {
  const bare = join(folder, 'bare');
  await mkdir(join(bare, 'node_modules'), { recursive: true });
  execFileSync('cp', ['-r', join(folder, 'node_modules/caisse-relay-client'), join(bare, 'node_modules')]);
  const program = "import { connect } from 'caisse-relay-client'; import 'caisse-relay-client/component'; console.log(typeof connect);";
  const said = execFileSync(process.execPath, ['--preserve-symlinks', '--input-type=module', '-e', program], { cwd: bare, encoding: 'utf8' });
  assert.equal(said.trim(), 'function');
});

test('what is not used is not in the page', async () => {
  const stdin = { contents: "import 'caisse-relay-client'; import 'caisse-relay-client/checkout'; import 'caisse-relay-client/mock';", resolveDir: folder };
  const { outputFiles } = await build({ stdin, bundle: true, minify: true, format: 'esm', write: false, logLevel: 'silent' });
  assert.equal(outputFiles[0].text.trim(), '');
});

test('the one file for pages without modules defines the global, in ES2017', async () => {
  const text = await readFile(join(folder, 'node_modules/caisse-relay-client', unpkg), 'utf8');
  assert.ok(gzipSync(text).length <= 20 * 1024, `${gzipSync(text).length} bytes`);
  parse(text, { ecmaVersion: 2017 });
  const page = { crypto, setTimeout, clearTimeout, AbortController, Event, EventTarget, URL, Intl, console };
  runInNewContext(`${text}; globalThis.names = Object.keys(CaisseRelay).join(); const relay = CaisseRelay.connect({ url: 'x' }); globalThis.state = relay.state; relay.close();`, page);
  assert.equal(page.names, 'CaisseRelayPayment,Checkout,PaymentEvent,RelayError,connect');
  assert.equal(page.state, 'blocked');
});
