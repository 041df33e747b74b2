// A point of sale on its own site, public as Chromium sees it, reaches the relay
// of this machine: with its origin allowed and the browser's permission, and not without.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { run } from './programs.js';
import { CHROMIUM, openBrowser, trust } from './chromium.js';
import { newPage, noNamespaces, open, openMachine, story, temporary } from './shop.js';

const NAME = 'pos.example.test';
const FILES = ['caisse-relay.js', 'connection.js', 'store.js', 'sentences.js'];

/** All that a point of sale has to write. */
const page = (client, url) => `<!doctype html><title>POS</title><button>Pay</button><output></output>
<script type="module">
  import { connect } from '${client}';
  const output = document.querySelector('output');
  const relay = connect({ url: '${url}', till: 'Caisse 1', lang: 'en' });
  relay.on('state', (status) => Object.assign(document.body.dataset, status));
  document.querySelector('button').onclick = async () => {
    try {
      const payment = await relay.pay({ amount: 1250, currency: 'EUR' });
      output.textContent = payment.outcome;
      await relay.acknowledge(payment.id);
      output.textContent += ', recorded';
    } catch (error) {
      output.textContent = error.code;
    }
  };
</script>`;

story('allowed and permitted: it pays', async (t) => {
  const { shop, pos } = await pointOfSale(t);
  const till = await pos.open({ permitted: true });
  await till.is('ready');
  assert.equal(await till.pays('approved, recorded'), 'approved, recorded');
  assert.equal((await shop.terminal.onlyCharge()).amount, 1250);
  const { till: name, acknowledged } = await shop.onlyPayment();
  assert.deepEqual([name, acknowledged], ['Caisse 1', true]);
});

story('the client imported from the relay itself: it pays', async (t) => {
  const { shop, pos } = await pointOfSale(t);
  const till = await pos.open({ permitted: true, path: '/from-relay' });
  await till.is('ready');
  assert.equal(await till.pays('approved, recorded'), 'approved, recorded');
  await shop.terminal.onlyCharge();
});

story('origin not allowed: the page is told so, by name, and nothing is sent', async (t) => {
  const { shop, pos } = await pointOfSale(t, { allowed: false });
  const till = await pos.open({ permitted: true });
  await till.is('not_allowed');
  assert.match(await till.detail(), new RegExp(pos.origin));
  assert.equal(await till.pays('not_connected'), 'not_connected');
  assert.deepEqual(await shop.terminal.operations(), []);
  assert.deepEqual(await shop.journal(), []);
});

story('permission denied by the browser: the page says it and does not hang; given later, it connects by itself', async (t) => {
  const { shop, pos } = await pointOfSale(t);
  const till = await pos.open({ permitted: false });
  await till.is('denied');
  assert.equal(await till.pays('not_connected'), 'not_connected');
  assert.deepEqual(await shop.journal(), []);
  await till.permit();
  await till.is('ready');
});

story("the relay's authority is not trusted: no answer, and nothing hangs", async (t) => {
  const { shop, pos } = await pointOfSale(t);
  const till = await pos.open({ permitted: true, trusts: [pos.ca] });
  await till.is('absent');
  assert.equal(await till.pays('not_connected'), 'not_connected');
  assert.deepEqual(await shop.journal(), []);
});

story('a managed browser is told by `browser-policy install`, and lets the page in without a question', async (t) => {
  const { shop, pos } = await pointOfSale(t);
  const machine = await openMachine(t);
  const refused = await pos.open({ permitted: false, machine });
  await refused.is('disconnected', 'permission_denied');
  const [told] = await shop.prepares(machine, 'browser-policy', 'install', '--browser', 'chromium');
  assert.deepEqual([told.state, told.error], ['set', null]);
  const till = await pos.open({ permitted: false, machine });
  await till.is('ready');
  assert.equal(await till.pays('approved, recorded'), 'approved, recorded');
  await shop.terminal.onlyCharge();
  await shop.prepares(machine, 'browser-policy', 'uninstall');
  const again = await pos.open({ permitted: false, machine });
  await again.is('disconnected', 'permission_denied');
}, { skip: noNamespaces });

/** A shop, and a site of another origin that has a till for it. */
async function pointOfSale(t, { allowed = true } = {}) {
  const pos = await serveSite(t);
  const shop = await open(t, { origins: allowed ? [pos.origin] : ['https://other.example.test'] });
  const { url, page: own } = shop.relay;
  pos.pages.set('/', page('/client/caisse-relay.js', url));
  pos.pages.set('/from-relay', page(`${own}client/caisse-relay.js`, url));
  pos.open = async ({ permitted, path = '/', trusts = [shop.relay.ca, pos.ca], machine }) => {
    const flags = [`--host-resolver-rules=MAP ${NAME} 127.0.0.2`, `--ip-address-space-overrides=127.0.0.2:${pos.port}=public`];
    const browser = machine ? await managed(t, machine, trusts, flags) : await shop.browser({ trusts, flags });
    const tab = await newPage(browser);
    const permit = () => tab.context().grantPermissions(['local-network-access'], { origin: pos.origin });
    if (permitted) await permit();
    await tab.goto(pos.origin + path);
    return {
      permit,
      is: (state) => tab.locator(`body[data-state="${state}"]`).waitFor(),
      detail: () => tab.locator('body').getAttribute('data-detail'),
      pays: async (wanted) => {
        await tab.locator('button').click();
        await tab.locator('output', { hasText: wanted }).waitFor();
        return tab.locator('output').innerText();
      },
    };
  };
  return { shop, pos };
}

/** A new browser of a machine that has policies. */
async function managed(t, machine, trusts, flags) {
  const home = await temporary(t);
  await trust(home, trusts);
  return openBrowser(t, { home, flags, executablePath: await machine.program(CHROMIUM) });
}

/** A site with its own authority, on another address of this machine. */
async function serveSite(t) {
  const folder = await temporary(t);
  const [ca, key, cert] = ['ca.pem', 'key.pem', 'cert.pem'].map((name) => join(folder, name));
  await issue(folder, ca, key, cert);
  const pages = new Map();
  const client = new URL('../../web-client/', import.meta.url);
  for (const name of FILES) pages.set(`/client/${name}`, await readFile(new URL(name, client), 'utf8'));
  const options = { key: await readFile(key), cert: await readFile(cert) };
  const server = createServer(options, ({ url }, answer) => {
    const type = url.endsWith('.js') ? 'text/javascript' : 'text/html';
    answer.writeHead(pages.has(url) ? 200 : 404, { 'content-type': `${type}; charset=utf-8` }).end(pages.get(url));
  });
  await new Promise((done) => server.listen(0, '127.0.0.2', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address();
  return { ca, pages, port, origin: `https://${NAME}:${port}` };
}

async function issue(folder, ca, key, cert) {
  const authority = join(folder, 'ca-key.pem');
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-x509'];
  await run('openssl', ['req', ...fresh, '-keyout', authority, '-out', ca, '-subj', '/CN=Test authority',
    '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign']);
  await run('openssl', ['req', ...fresh, '-keyout', key, '-out', cert, '-subj', `/CN=${NAME}`, '-CA', ca, '-CAkey', authority,
    '-addext', `subjectAltName=DNS:${NAME}`, '-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'extendedKeyUsage=serverAuth']);
}
