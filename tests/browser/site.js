// A point of sale on its own site, with its own authority, on another address of
// this machine: public as the browsers are told, and of another origin than the relay.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from './programs.js';
import { PATIENCE, temporary } from './shop.js';

export const NAME = 'pos.example.test';
/** Another site, which shows the point of sale in a frame. */
export const AROUND = 'shop.example.test';
export const ADDRESS = '127.0.0.2';
const FILES = ['caisse-relay.js', 'connection.js', 'store.js', 'sentences.js', 'languages.js', 'french.js', 'english.js'];

/** All that a point of sale has to write. */
const page = (client, url) => `<!doctype html><title>POS</title>
<script type="module">
  import { connect } from '${client}';
  const relay = connect({ url: ${JSON.stringify(url)}, till: 'Caisse 1', lang: 'en' });
  const show = (fields) => Object.assign(document.body.dataset, fields);

  async function follow(paying) {
    show({ phase: 'waiting', step: '', outcome: '', charged: '', error: '', recorded: '' });
    try {
      const { id, outcome, charged } = await paying;
      show({ phase: 'closed', id, outcome, charged });
      if (charged !== 'maybe') await record(id, outcome);
    } catch ({ code }) {
      show({ phase: 'refused', error: code });
    }
  }

  async function record(id, outcome) {
    await relay.acknowledge(id, outcome);
    show({ recorded: id });
  }

  const onProgress = ({ step }) => show({ step: step ?? '' });
  relay.on('state', show);
  relay.on('welcome', async () => {
    if (document.body.dataset.phase) return;
    for (const id of await relay.pending()) follow(relay.resume(id, { onProgress }));
  });
  show(relay.status);
  window.pos = {
    pay: (amount) => void follow(relay.pay({ amount, currency: 'EUR', onProgress })),
    refund: (amount) => void follow(relay.refund({ amount, currency: 'EUR', onProgress })),
    retry: () => relay.retry(),
    pair: (code) => relay.pair(code).then(() => 'paired', (error) => error.code),
    async resolve(charged) {
      const { id, outcome } = document.body.dataset;
      show(await relay.resolve(id, { charged, by: 'Camille' }).then(({ charged }) => ({ charged })));
      await record(id, outcome);
    },
  };
</script>`;

/** @returns the site; its pages are filled in by `sell` */
export async function serveSite(t) {
  const folder = await temporary(t);
  const [ca, key, cert] = ['ca.pem', 'key.pem', 'cert.pem'].map((name) => join(folder, name));
  await issue(folder, ca, key, cert);
  const pages = new Map();
  const client = new URL('../../web-client/', import.meta.url);
  for (const name of FILES) pages.set(`/client/${name}`, { text: await readFile(new URL(name, client), 'utf8') });
  const options = { key: await readFile(key), cert: await readFile(cert) };
  const server = createServer(options, ({ url }, answer) => {
    const type = url.endsWith('.js') ? 'text/javascript' : 'text/html';
    const { text, headers } = pages.get(url) ?? {};
    answer.writeHead(text ? 200 : 404, { 'content-type': `${type}; charset=utf-8`, ...headers }).end(text);
  });
  await new Promise((done) => server.listen(0, ADDRESS, done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address();
  return {
    ca,
    port,
    origin: `https://${NAME}:${port}`,
    /** The point of sale, at the addresses that the stories open. */
    sell({ url, page: own }) {
      pages.set('/', { text: page('/client/caisse-relay.js', url) });
      pages.set('/from-relay', { text: page(`${own}client/caisse-relay.js`, url) });
      const headers = { 'content-security-policy': "connect-src 'self'" };
      pages.set('/strict', { text: page('/client/caisse-relay.js', url), headers });
      for (const [path, allow] of [['/frame', ''], ['/frame-allow', 'loopback-network']]) {
        pages.set(path, { text: `<!doctype html><title>Shop</title><iframe src="https://${NAME}:${port}/" allow="${allow}"></iframe>` });
      }
    },
  };
}

/** The point of sale in a tab of any browser, in the words of the stories. */
export class Pos {
  /** @param {{ evaluate: (script: string) => Promise<any>, goto: (url: string) => Promise<any>, reload: () => Promise<any> }} tab @param {string} origin of the site */
  constructor(tab, origin) {
    Object.assign(this, { tab, origin });
  }

  async opens(path = '/') {
    await this.tab.goto(this.origin + path);
  }

  /** Waits until the page shows all of this, by `data-` attribute. */
  async shows(wanted, patience = PATIENCE) {
    let seen = {};
    for (const end = Date.now() + patience; Date.now() < end; await pause(40)) {
      // A page that is being loaded has no body yet.
      seen = (await this.tab.evaluate('document.body ? { ...document.body.dataset } : {}').catch(() => null)) ?? seen;
      if (Object.entries(wanted).every(([name, value]) => seen[name] === value)) return seen;
    }
    assert.fail(`waited for ${JSON.stringify(wanted)}, the page shows ${JSON.stringify(seen)}`);
  }

  is(state, patience) {
    return this.shows({ state }, patience);
  }

  async asks(amount) {
    await this.tab.evaluate(`pos.pay(${amount})`);
  }

  /** @returns 'paired', or why not */
  pairs(code) {
    return this.tab.evaluate(`pos.pair('${code}')`);
  }

  waitsForCard() {
    return this.shows({ phase: 'waiting', step: 'sent' });
  }

  /** Waits until the page has acknowledged the payment. */
  async hasRecorded() {
    const { id } = await this.shows({ phase: 'closed' });
    await this.shows({ recorded: id });
  }

  /** Nothing can be sold now, and nothing hangs. */
  async cannotPay() {
    await this.asks(1250);
    await this.shows({ phase: 'refused', error: 'not_connected' });
  }
}

async function issue(folder, ca, key, cert) {
  const authority = join(folder, 'ca-key.pem');
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-x509'];
  await run('openssl', ['req', ...fresh, '-keyout', authority, '-out', ca, '-subj', '/CN=Test authority',
    '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign']);
  await run('openssl', ['req', ...fresh, '-keyout', key, '-out', cert, '-subj', `/CN=${NAME}`, '-CA', ca, '-CAkey', authority,
    '-addext', `subjectAltName=DNS:${NAME},DNS:${AROUND}`, '-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'extendedKeyUsage=serverAuth']);
}
