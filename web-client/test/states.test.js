// One name for each way the browser or the relay says no, with what it means and
// what to do, and how the page comes back from it.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { connect } from '../caisse-relay.js';
import { english } from '../english.js';
import { french } from '../french.js';
import { Sentences } from '../sentences.js';
import { define, openShop, order, page, settled, shop } from './shop.js';

const LAN = { connect: { url: 'wss://192.168.1.20:9443/till' } };
const STATES = [
  'connecting', 'ready', 'ask_pending', 'denied', 'absent', 'untrusted', 'blocked',
  'not_allowed', 'not_paired', 'old_relay', 'lost', 'hidden', 'closed',
];

const SAID = { fr: new Sentences('fr', french), en: new Sentences('en', english) };

test('each state has a message and a remedy in two languages, with nothing left to fill in', () => {
  for (const state of STATES) {
    for (const which of state === 'denied' ? ['', 'dismissed', 'frame', 'insecure'] : ['']) {
      const about = { state, case: which, home: 'wss://192.168.1.20:9443/till', permission: 'local-network' };
      const said = ['fr', 'en'].flatMap((lang) => [SAID[lang].say(state), SAID[lang].remedy(about)]);
      assert.equal(new Set(said).size, 4, `${state} ${which}: ${said}`);
      for (const text of said) assert.match(text, /^[A-ZÉÀ“][^{}]{10,}[.]$/, `${state} ${which}`);
    }
  }
});

test('the guide for integrators says each of them as the client does', async (t) => {
  define(t, 'location', { origin: 'https://pos.example' });
  const guide = await readFile(new URL('../INTEGRATING.md', import.meta.url), 'utf8');
  const rows = guide.replaceAll('`<iframe>`', '<iframe>').split('\n');
  const about = { home: 'wss://127.0.0.1:9443/till', permission: 'loopback-network' };
  for (const state of STATES) {
    const words = `| \`${state}\` | ${SAID.en.say(state)} *${SAID.en.remedy({ ...about, state, case: '' })}* |`;
    assert.ok(rows.some((row) => row.startsWith(words)), words);
  }
  for (const which of ['dismissed', 'frame', 'insecure']) {
    const words = `| ${SAID.en.remedy({ ...about, state: 'denied', case: which })} |`;
    assert.ok(rows.some((row) => row.endsWith(words)), words);
  }
});

test('both languages say the same things', () => {
  const codes = (words) => Object.entries(words).flatMap(([kind, texts]) => typeof texts === 'string' ? [kind] : Object.keys(texts).map((code) => `${kind} ${code}`));
  assert.deepEqual(codes(french), codes(english));
});

// The browser's permission

test("the browser's open question is named within a second, and waited for", async (t) => {
  const { status } = page(t, { permission: 'prompt' });
  const { till, relay, pass } = shop(t, { relay: { up: 'hanging' } });
  await pass(1);
  assert.equal(till.state, 'ask_pending');
  assert.match(till.status.remedy, /Autoriser/);
  assert.equal(status.name, 'loopback-network');
  await pass(60);
  assert.equal(relay.sockets.length, 1, 'the socket is left alone');
  status.state = 'granted';
  await pass(2);
  assert.equal(till.state, 'connecting');
  relay.socket.readyState = 1;
  relay.socket.onopen();
  await settled();
  assert.equal(till.state, 'ready');
});

test('a question nobody answers is closed after two minutes: allowing it later still works', async (t) => {
  const { answer } = page(t, { permission: 'prompt' });
  const { till, relay, pass } = shop(t, { relay: { up: 'hanging' } });
  await pass(121);
  assert.equal(till.state, 'absent');
  assert.match(till.status.remedy, /Autoriser/);
  relay.up = false;
  await pass(60);
  relay.up = true;
  await answer('granted');
  assert.equal(till.state, 'ready');
});

test('a denial is final: no attempt before the permission changes', async (t) => {
  const { status, answer, show } = page(t, { permission: 'denied' });
  const { till, relay, states, pass } = await openShop(t, { relay: { up: false }, ...LAN });
  assert.deepEqual(states, ['denied'], 'and it was never called absent');
  assert.equal(status.name, 'local-network');
  assert.match(till.status.remedy, /réglages du site.*réseau local/);
  await pass(600);
  show('hidden');
  show('visible');
  await settled();
  assert.equal(relay.sockets.length, 1);
  relay.up = true;
  await answer('granted');
  assert.equal(till.state, 'ready');
});

test('denied at the question: it stops there', async (t) => {
  const { status } = page(t, { permission: 'prompt' });
  const { till, relay, pass } = shop(t, { relay: { up: 'hanging' } });
  await pass(5);
  status.state = 'denied';
  await relay.drop(1006);
  assert.equal(till.state, 'denied');
  await pass(300);
  assert.equal(relay.sockets.length, 1);
});

test('a question closed without an answer is not asked again at once', async (t) => {
  page(t, { permission: 'prompt' });
  const { till, relay, pass } = shop(t, { relay: { up: 'hanging' } });
  await pass(5);
  await relay.drop(1006);
  assert.equal(till.state, 'denied');
  assert.match(till.status.remedy, /restée sans réponse.*Réessayer/);
  await pass(30);
  assert.equal(relay.sockets.length, 1);
  till.retry();
  assert.equal(till.state, 'connecting');
  await pass(1);
  assert.equal(till.state, 'ask_pending');
});

test('a relay that is down while the permission says prompt is absent, and waiting is no question', async (t) => {
  page(t, { permission: 'prompt' });
  const { till, relay, states, pass } = await openShop(t, { relay: { up: false } });
  assert.equal(till.state, 'absent');
  relay.up = 'hanging';
  await pass(20);
  assert.deepEqual(states, ['absent']);
  assert.ok(relay.sockets.length >= 3, 'it goes on trying');
});

test('Firefox says prompt of a socket it never asks about: an address without an answer is absent', async (t) => {
  page(t, { permission: 'prompt', userAgent: 'Mozilla/5.0 Gecko/20100101 Firefox/153.0' });
  const { till, relay, pass } = shop(t, { relay: { up: 'hanging' }, ...LAN });
  await pass(20);
  await relay.drop(1006);
  assert.equal(till.state, 'absent');
  relay.up = true;
  await pass(1);
  assert.equal(till.state, 'ready');
});

test('a page of this machine is never asked, whatever the query says', async (t) => {
  page(t, { permission: 'prompt', hostname: '127.0.0.1' });
  const { till, relay, pass } = shop(t, { relay: { up: 'hanging' } });
  await pass(11);
  assert.equal(relay.sockets.length, 2);
  assert.equal(till.state, 'absent');
});

for (const [what, options, remedy] of [
  ['in a frame without `allow`: the attribute is named', { framed: true, allows: [] }, /allow="local-network"/],
  ['in a frame of a browser that does not tell: it is named too', { framed: true }, /allow="local-network"/],
  ['in a frame that has it: the site settings', { framed: true, allows: ['local-network'] }, /^Dans les réglages/],
  ['over plain http: no setting can help', { secure: false }, /https:/],
]) {
  test(`denied ${what}`, async (t) => {
    page(t, { permission: 'denied', ...options });
    const { till } = await openShop(t, { relay: { up: false }, ...LAN });
    assert.equal(till.state, 'denied');
    assert.match(till.status.remedy, remedy);
  });
}

// The relay

test('1006 alone is absent, and the remedy has both causes', async (t) => {
  const { till } = await openShop(t, { relay: { up: false }, connect: { lang: 'en' } });
  assert.equal(till.state, 'absent');
  assert.match(till.status.remedy, /running.*https:\/\/127\.0\.0\.1:9443\/.*certificate/);
});

test('the name of the last failure stays while the next attempt goes on', async (t) => {
  const { till, pass, relay } = await openShop(t, { relay: { up: false } });
  relay.up = 'hanging';
  await pass(2);
  assert.equal(till.state, 'absent');
  till.retry();
  assert.equal(till.state, 'connecting', 'a person who presses a button sees something');
});

test('Firefox says 1015 when the certificate is not trusted', async (t) => {
  const { till, relay } = shop(t, { relay: { up: 'hanging' } });
  await relay.drop(1015);
  assert.equal(till.state, 'untrusted');
});

test('not allowed yet: asked again every 15 seconds, on the same port, and ready once a person allowed it', async (t) => {
  const { till, relay, states, pass } = await openShop(t, { relay: { greets: false } });
  await relay.drop(4403, 'https://pos.example.test');
  assert.deepEqual([till.state, till.status.detail], ['not_allowed', 'https://pos.example.test']);
  for (let turn = 2; turn < 5; turn += 1) {
    await pass(15);
    assert.equal(relay.sockets.length, turn);
    await relay.drop(4403, 'https://pos.example.test');
  }
  relay.greets = true;
  await pass(15);
  assert.deepEqual(states, ['not_allowed', 'ready'], 'quietly');
  assert.equal(new Set(relay.sockets.map(({ url }) => url)).size, 1);
});

test('not allowed, then retry: at once', async (t) => {
  const { till, relay } = await openShop(t, { relay: { greets: false } });
  await relay.drop(4403);
  relay.greets = true;
  till.retry();
  await settled();
  assert.equal(till.state, 'ready');
});

test('4406 is an old relay: no further attempt before retry', async (t) => {
  const { till, relay, pass } = await openShop(t, { relay: { greets: false } });
  await relay.drop(4406);
  assert.equal(till.state, 'old_relay');
  await pass(300);
  assert.equal(relay.sockets.length, 1);
  relay.greets = true;
  till.retry();
  await settled();
  assert.equal(till.state, 'ready');
});

test('a relay that does not understand hello is an old relay too', async (t) => {
  const { till, relay, pass } = await openShop(t, { relay: { greets: false } });
  await relay.refuse('hello', 'bad_message');
  assert.deepEqual([till.state, till.status.detail], ['old_relay', 'no: bad_message']);
  await pass(60);
  assert.equal(relay.sockets.length, 1);
});

// Pairing

const KEY = 'caisse-relay.token.192.168.1.20';
const paired = () => ({ relay: { tokens: ['t0ken'], code: '123456' }, connect: { url: 'wss://192.168.1.20:9443/till', lang: 'en' } });

test('a till that is not paired waits for a person', async (t) => {
  const { till, relay, pass } = await openShop(t, paired());
  assert.equal(till.state, 'not_paired');
  await pass(300);
  assert.equal(relay.sockets.length, 1);
  await assert.rejects(till.pay(order), { code: 'not_connected' });
});

test('the code gives a token, kept for this relay, and the till is ready on the same connection', async (t) => {
  const { till, relay, store, states } = await openShop(t, paired());
  await till.pair(' 123 456 ');
  assert.equal(till.state, 'ready');
  assert.deepEqual(relay.heard, [{ type: 'pair', code: '123456', lang: 'en', till: 'Caisse 1' }]);
  assert.equal(relay.sockets.length, 2);
  assert.equal(relay.hellos.at(-1).token, 't0ken');
  assert.equal(store.map.get(KEY), 't0ken');
  assert.deepEqual(states, ['not_paired', 'ready']);
});

test('the next page says hello with the token', async (t) => {
  const { store } = await openShop(t, paired()).then(async (first) => (await first.till.pair('123456'), first));
  const { till, relay } = await openShop(t, { ...paired(), store });
  assert.equal(till.state, 'ready');
  assert.deepEqual(relay.hellos.map(({ token }) => token), ['t0ken']);
});

test('a wrong code is refused by name, and the right one still works', async (t) => {
  const { till, store } = await openShop(t, paired());
  await assert.rejects(till.pair('000000'), { name: 'RelayError', code: 'bad_code', message: 'no: bad_code', refused: true });
  assert.equal(till.state, 'not_paired');
  assert.equal(store.map.has(KEY), false);
  await till.pair('123456');
  assert.equal(till.state, 'ready');
});

test('a relay that goes away while it is asked ends the wait', async (t) => {
  const { till, relay } = await openShop(t, paired());
  relay.code = '';
  for (const code of [1006, 4401]) {
    const pairing = assert.rejects(till.pair('123456'), { code: 'connection_lost' });
    await settled();
    await relay.drop(code);
    await pairing;
  }
});

test('a relay that says nothing ends the wait too', async (t) => {
  const { till, relay, pass } = await openShop(t, paired());
  relay.code = '';
  const pairing = assert.rejects(till.pair('123456'), { code: 'connection_lost' });
  await pass(10);
  await pairing;
});

test('pairing with a relay that is absent says so, and a closed till does not pair', async (t) => {
  const { till, relay } = await openShop(t, { ...paired(), relay: { ...paired().relay, up: false } });
  assert.equal(till.state, 'absent');
  await assert.rejects(till.pair('123456'), { code: 'connection_lost' });
  relay.up = true;
  await till.pair('123456');
  till.close();
  await assert.rejects(till.pair('123456'), { code: 'closed' });
});

test('a token the relay no longer takes is forgotten; one of a newer pairing is not', async (t) => {
  const { till, relay, store } = await openShop(t, paired());
  await till.pair('123456');
  relay.tokens = ['other'];
  await relay.drop();
  till.retry();
  await settled();
  assert.equal(till.state, 'not_paired');
  assert.equal(store.map.has(KEY), false);
  till.retry();
  await settled();
  assert.equal(relay.hellos.at(-1).token, undefined);

  store.map.set(KEY, 'other');
  till.retry();
  await settled();
  assert.equal(till.state, 'ready');
  store.map.set(KEY, 'newer');
  await relay.drop(4401);
  assert.equal(store.map.get(KEY), 'newer');
});

test('the page may bring the token itself, and a store that fails is no reason not to pair', async (t) => {
  const options = paired();
  const given = await openShop(t, { ...options, connect: { ...options.connect, token: 't0ken' } });
  assert.equal(given.till.state, 'ready');
  given.till.close();
  const broken = () => Promise.reject(new Error('no room'));
  const { till, relay } = await openShop(t, { ...options, store: { get: broken, set: broken, remove: broken } });
  await till.pair('123456');
  await relay.drop();
  till.retry();
  await settled();
  assert.equal(till.state, 'ready');
});

test('on the relay\'s own computer nothing is paired', async (t) => {
  const { till, relay } = await openShop(t);
  await till.pair('123456');
  assert.deepEqual(relay.heard, []);
  assert.equal('token' in relay.hellos[0], false);
});

test('release ends when the relay has released', async (t) => {
  const { till, relay } = await openShop(t);
  const releasing = till.release('comptoir', 'Camille');
  await settled();
  await relay.tell({ type: 'released', terminal: 'comptoir', n: relay.heard[0].n });
  await releasing;
});

test('no WebSocket at all, or no address, is a state too', async (t) => {
  const till = connect({ WebSocket: undefined, store: { get() {}, set() {}, remove() {} }, url: 'nonsense' });
  t.after(() => till.close());
  await settled();
  assert.equal(till.state, 'blocked');
  assert.match(till.status.remedy, /nonsense/);
});
