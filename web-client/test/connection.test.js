// The socket: opening, dying, coming back, in a page that browsers put to sleep.

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { openShop, order, page, settled, shop } from './shop.js';

test('hello offers the protocol, the till and the language; welcome makes it ready', async (t) => {
  const { till, relay, states } = shop(t);
  assert.equal(till.state, 'connecting');
  assert.equal(till.till, null);
  await settled();
  assert.equal(till.state, 'ready');
  assert.equal(till.till, 'Caisse 1');
  assert.deepEqual(till.terminals.map(({ name }) => name), ['comptoir']);
  assert.deepEqual(relay.socket.protocols, ['caisse-relay.v1']);
  assert.equal(relay.socket.url, 'wss://127.0.0.1:9443/till');
  assert.deepEqual(relay.hellos, [{ type: 'hello', client: 'caisse-relay-client/1', lang: 'fr', till: 'Caisse 1' }]);
  assert.deepEqual(states, ['ready']);
});

test('terminals are known when the state becomes ready, and welcome is told after', async (t) => {
  const { till } = shop(t);
  const told = [];
  till.on('state', () => told.push(['state', till.terminals.length]));
  till.on('welcome', () => told.push(['welcome', till.state]));
  await settled();
  assert.deepEqual(told, [['state', 1], ['welcome', 'ready']]);
});

test('no payment before welcome', async (t) => {
  const { till, relay } = await openShop(t, { relay: { greets: false } });
  assert.equal(relay.hellos.length, 1);
  await assert.rejects(till.pay(order), { code: 'not_connected' });
});

test('a socket that opens and never welcomes is left', async (t) => {
  const { till, relay, pass } = await openShop(t, { relay: { greets: false } });
  await pass(8);
  relay.greets = true;
  await pass(3);
  assert.equal(till.state, 'ready');
  assert.equal(relay.sockets[0].closedWith, 1000);
});

test('failures alternate between the two ports, less and less often', async (t) => {
  const { relay, pass, states } = await openShop(t, { relay: { up: false } });
  await pass(60);
  const ports = relay.sockets.map(({ url }) => new URL(url).port);
  assert.deepEqual(ports.slice(0, 4), ['9443', '9444', '9443', '9444']);
  assert.ok(ports.length >= 6 && ports.length <= 9, `${ports.length} attempts in a minute`);
  assert.deepEqual([...new Set(states)], ['absent']);
});

test('a connection that worked comes back on the same port, soon', async (t) => {
  const { till, relay, pass } = await openShop(t);
  await relay.drop();
  assert.equal(till.state, 'lost');
  await pass(1);
  assert.equal(till.state, 'ready');
  assert.deepEqual(relay.sockets.map(({ url }) => new URL(url).port), ['9443', '9443']);
});

test('a pending socket is closed before the next one opens', async (t) => {
  const { relay, pass } = shop(t, { relay: { up: 'hanging' } });
  await pass(11);
  assert.equal(relay.sockets.length, 2);
  assert.equal(relay.sockets[0].closedWith, 1000);
  assert.equal(new URL(relay.sockets[1].url).port, '9444');
});

test('one address, or a list', async (t) => {
  for (const url of ['wss://till.lan:1/till', ['wss://till.lan:1/till']]) {
    const { till, relay } = shop(t, { connect: { url } });
    assert.equal(relay.socket.url, 'wss://till.lan:1/till');
    till.close();
  }
});

test('a constructor that throws is a state, not an exception', async (t) => {
  const { till, relay, pass } = shop(t, { relay: { browser: 'throws' } });
  assert.equal(till.state, 'blocked');
  assert.match(till.status.detail, /SecurityError/);
  relay.browser = '';
  await pass(1);
  assert.equal(till.state, 'ready');
});

test('an error without a close is a failure all the same', async (t) => {
  const { till, relay, pass } = await openShop(t, { relay: { browser: 'blocked' } });
  assert.equal(till.state, 'connecting');
  relay.browser = '';
  mock.timers.tick(250);
  assert.equal(till.state, 'blocked');
  await pass(2);
  assert.equal(till.state, 'ready');
});

for (const code of [1001, 1011, 4400, 4408]) {
  test(`${code} is not final`, async (t) => {
    const { till, relay, pass } = await openShop(t);
    await relay.drop(code);
    assert.equal(till.state, 'lost');
    await pass(1);
    assert.equal(till.state, 'ready');
  });
}

test('each ping is answered', async (t) => {
  const { relay } = await openShop(t);
  await relay.tell({ type: 'ping', n: 7 });
  await relay.tell({ type: 'ping', n: 8 });
  assert.deepEqual(relay.pongs, [{ type: 'pong', n: 7 }, { type: 'pong', n: 8 }]);
});

test('a relay that pings is kept, a relay silent for 30 seconds is left', async (t) => {
  const { till, relay, pass } = await openShop(t);
  for (let n = 0; n < 6; n += 1) {
    await pass(10);
    await relay.tell({ type: 'ping', n });
  }
  assert.equal(relay.sockets.length, 1);
  await pass(29);
  assert.equal(relay.sockets.length, 1);
  await pass(2);
  assert.equal(relay.sockets.length, 2);
  assert.equal(relay.sockets[0].closedWith, 1000);
  assert.equal(till.state, 'ready');
});

test('a socket that was left says nothing more', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const [old] = relay.sockets;
  await pass(31);
  const told = [];
  till.on('payment', () => told.push('payment'));
  old.receive({ type: 'payment', id: 'a', phase: 'closed', outcome: 'approved' });
  old.end(4403, 'late');
  await settled();
  assert.deepEqual(told, []);
  assert.equal(till.state, 'ready');
});

test('a page in the back-forward cache closes its socket, and reconnects when it is shown', async (t) => {
  const { fire } = page(t);
  const { till, relay, pass } = await openShop(t);
  const paying = till.pay({ ...order, id: 'a' });
  await pass(1);
  fire('pagehide', { persisted: true });
  assert.equal(relay.socket.closedWith, 1000);
  assert.equal(till.state, 'hidden');
  await pass(600);
  assert.equal(relay.sockets.length, 1, 'no attempt while away');
  fire('pageshow', { persisted: false });
  assert.equal(relay.sockets.length, 1);
  fire('pageshow', { persisted: true });
  await settled();
  assert.equal(till.state, 'ready');
  assert.deepEqual(relay.all('payment'), [{ type: 'payment', id: 'a' }]);
  await relay.pays('a');
  assert.equal((await paying).outcome, 'approved');
});

test('a page that is seen again notices at once that the relay fell silent', async (t) => {
  const { show } = page(t);
  const { till, relay, pass } = await openShop(t);
  show('hidden');
  await pass(20);
  // A throttled tab: the clock goes on, the timer does not.
  const clock = t.mock.method(Date, 'now', () => 29_000);
  show('visible');
  assert.equal(till.state, 'ready');
  clock.mock.mockImplementation(() => 31_000);
  show('hidden');
  assert.equal(till.state, 'ready');
  show('visible');
  assert.equal(till.state, 'lost');
  await pass(1);
  assert.equal(relay.sockets.length, 2);
});

test('a page that is seen again does not wait for its next attempt', async (t) => {
  const { show } = page(t);
  const { till, relay, pass } = await openShop(t, { relay: { up: false } });
  await pass(40);
  relay.up = true;
  show('hidden');
  assert.equal(till.state, 'absent');
  show('visible');
  await settled();
  assert.equal(till.state, 'ready');
});

test('after close the page events do nothing', async (t) => {
  const { show, fire } = page(t);
  const { till, relay } = await openShop(t);
  till.close();
  show('visible');
  fire('pageshow', { persisted: true });
  await settled();
  assert.equal(till.state, 'closed');
  assert.equal(relay.sockets.length, 1);
});
