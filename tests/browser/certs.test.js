// `certs install`: a browser trusts the relay by that command and for no other
// reason, and no longer once it is taken back. No store is prepared by hand here.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { dirname, join } from 'node:path';
import { kill } from './programs.js';
import { CHROMIUM, openBrowser } from './chromium.js';
import { newPage, noNamespaces, open, openMachine, story, temporary } from './shop.js';

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

for (const place of ['.local/share/pki/nssdb', '.pki/nssdb']) {
  story(`Chromium trusts the relay after \`certs install\`, and not after \`uninstall\`: ~/${place}`, async (t) => {
    const shop = await open(t);
    const machine = await openMachine(t);
    await mkdir(join(machine.home, place), { recursive: true });
    const till = async () => newPage(await openBrowser(t, machine));
    const demo = `https://${shop.host}/demo/`;
    await assert.rejects((await till()).goto(demo), /ERR_CERT_AUTHORITY_INVALID/);

    const [installed] = await shop.prepares(machine, 'certs', 'install', '--store', 'nss');
    assert.deepEqual([installed.state, installed.changed], ['trusted', true]);
    const page = await till();
    await page.goto(demo);
    await page.locator('[data-testid="connection"][data-state="ready"]').waitFor();

    const [removed] = await shop.prepares(machine, 'certs', 'uninstall', '--store', 'nss');
    assert.deepEqual([removed.state, removed.leftovers], ['not_trusted', 0]);
    await assert.rejects((await till()).goto(demo), /ERR_CERT_AUTHORITY_INVALID/);
  });
}

story('Chromium trusts the relay by its policies, whoever sits at the machine', async (t) => {
  const shop = await open(t);
  const machine = await openMachine(t);
  const executablePath = await machine.program(CHROMIUM);
  const till = async () => newPage(await openBrowser(t, { home: await temporary(t), executablePath }));
  const demo = `https://${shop.host}/demo/`;
  await shop.prepares(machine, 'certs', 'install', '--store', 'chromium-policy');
  const page = await till();
  await page.goto(demo);
  await page.locator('[data-testid="connection"][data-state="ready"]').waitFor();
  await shop.prepares(machine, 'certs', 'uninstall', '--store', 'chromium-policy');
  await assert.rejects((await till()).goto(demo), /ERR_CERT_AUTHORITY_INVALID/);
}, { skip: noNamespaces });

story('Firefox trusts the relay by its policies, and not without', async (t) => {
  const shop = await open(t);
  const machine = await openMachine(t);
  const firefox = await machine.program(FIREFOX);
  const server = await serveAsTheRelay(t, dirname(shop.relay.ca));
  await shop.prepares(machine, 'certs', 'install', '--store', 'firefox');
  assert.equal(await visit(t, firefox, server), 'visited');
  await shop.prepares(machine, 'certs', 'uninstall', '--store', 'firefox');
  assert.equal(await visit(t, firefox, server), 'refused');
}, { timeout: 120_000, skip: noNamespaces || (!existsSync(FIREFOX) && 'no firefox-esr') });

/** A server with the relay's own certificate that tells what a browser thinks of it: none asks for a page before it trusts. */
async function serveAsTheRelay(t, folder) {
  const [cert, key] = await Promise.all(['relay.pem', 'relay.key'].map((name) => readFile(join(folder, name))));
  const server = createServer({ cert, key }, (_, answer) => {
    answer.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>relay</title>');
    server.emit('opinion', 'visited');
  });
  server.on('tlsClientError', ({ code }) => /UNKNOWN_CA|BAD_CERTIFICATE/.test(code) && server.emit('opinion', 'refused'));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

/** A new Firefox opens the page; resolves with what it thinks of the certificate. */
async function visit(t, firefox, server) {
  const home = await temporary(t);
  const url = `https://127.0.0.1:${server.address().port}/`;
  const args = ['--headless', '--no-remote', '--profile', home, url];
  const opinion = once(server, 'opinion');
  const child = spawn(firefox, args, { env: { ...process.env, HOME: home }, stdio: 'ignore' });
  t.after(() => kill(child));
  const [said] = await opinion;
  await kill(child);
  return said;
}
