// The mock keeps the relay's promises: a point of sale that is tested with it meets the same rules in the shop.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MockRelay } from '../mock/mock.js';
import { FakeStore, settled } from './shop.js';

const order = { amount: 1250, currency: 'EUR' };

function till(world, options) {
  const relay = world.connect({ till: 'Caisse 1', ...options });
  return relay;
}

test('approved by itself, otherwise as it is told', async () => {
  const world = new MockRelay();
  const relay = till(world);
  world.next({ outcome: 'declined' }, { outcome: 'approved', paid: 1350 }, { outcome: 'not_sent' }, { outcome: 'unknown', charges: true });
  const ends = [];
  for (let left = 5; left > 0; left -= 1) {
    const { outcome, charged, paid } = await relay.pay(order);
    ends.push([outcome, charged, paid]);
  }
  assert.deepEqual(ends, [
    ['declined', 'no', null],
    ['approved', 'yes', 1350],
    ['not_sent', 'no', null],
    ['unknown', 'maybe', null],
    ['approved', 'yes', 1250],
  ]);
  assert.deepEqual(world.ledger.map(({ amount }) => amount), [1350, 1250, 1250]);
});

test('the same id is the same payment; a second one waits for no terminal', async () => {
  const world = new MockRelay();
  const relay = till(world);
  world.next({ hold: true });
  const paying = relay.pay({ ...order, id: 'a' });
  await settled();
  await assert.rejects(relay.pay({ ...order, id: 'b' }), { code: 'terminal_busy', refused: true });
  const again = relay.pay({ ...order, id: 'a' });
  await settled();
  world.answer('a');
  assert.equal((await paying).seq, (await again).seq);
  assert.equal(world.ledger.length, 1);
});

test('a reload: the ids are in the store, the outcome is asked, acknowledging ends it', async () => {
  const world = new MockRelay();
  const store = new FakeStore();
  const before = till(world, { store });
  world.next({ hold: true });
  before.pay({ ...order, id: 'a' });
  await settled();
  world.forget(before);
  world.answer('a');
  const after = till(world, { store });
  assert.deepEqual(await after.pending(), ['a']);
  assert.equal((await after.resume('a')).outcome, 'approved');
  assert.deepEqual((await after.unacknowledged()).map(({ id }) => id), ['a']);
  await assert.rejects(after.acknowledge('a', 'unknown'), { code: 'outcome_changed' });
  await after.acknowledge('a', 'approved');
  assert.deepEqual([await after.pending(), await after.unacknowledged()], [[], []]);
});

test('what the relay has no record of was not sent, and never will be', async () => {
  const relay = till(new MockRelay());
  await assert.rejects(relay.resume('x'), { code: 'not_received' });
  await assert.rejects(relay.pay({ ...order, id: 'x' }), { code: 'id_denied' });
});

test('in doubt: a second payment of the order is refused, a person settles, the terminal may contradict', async () => {
  const world = new MockRelay();
  const relay = till(world);
  world.next({ outcome: 'unknown' });
  const sale = { ...order, reference: 'T-1' };
  const { id } = await relay.pay(sale);
  await assert.rejects(relay.pay(sale), { code: 'possible_double_charge', first: id });
  assert.equal((await relay.pay({ ...sale, despite: id })).outcome, 'approved');
  assert.equal((await relay.resolve(id, { charged: 'no', by: 'Zoé' })).charged, 'no');
  const told = new Promise((resolve) => relay.on('payment', (payment) => payment.late && resolve(payment)));
  world.answer(id);
  const { charged, contradicted, late } = await told;
  assert.deepEqual([charged, contradicted, late], ['yes', true, true]);
});

test('without a connection nothing starts; what has started waits', async () => {
  const world = new MockRelay();
  const relay = till(world);
  const states = [];
  relay.on('state', ({ state }) => states.push(state));
  world.next({ hold: true });
  const paying = relay.pay({ ...order, id: 'a' });
  await settled();
  world.become('lost');
  await assert.rejects(relay.pay(order), { code: 'not_connected' });
  world.answer('a');
  world.become('ready');
  assert.equal((await paying).outcome, 'approved');
  assert.deepEqual(states, ['lost', 'ready']);
});

test('given up before anything was sent it ends; after, the terminal decides', async () => {
  const world = new MockRelay();
  const relay = till(world);
  world.next({ hold: 'connecting' }, { hold: 'connecting' });
  const steps = [];
  const first = relay.pay({ ...order, id: 'a', onProgress: ({ step, charged }) => steps.push([step, charged]) });
  await settled();
  assert.equal(relay.terminals[0].held_by.payment, 'a');
  await relay.cancel('a');
  const { outcome, reason, charged } = await first;
  assert.deepEqual([outcome, reason, charged, relay.terminals[0].state], ['not_sent', 'cancelled', 'no', 'free']);
  assert.deepEqual(steps[0], ['connecting', 'no']);

  const second = relay.pay({ ...order, id: 'b' });
  await settled();
  world.send('b');
  const { step, cancel_requested } = await relay.cancel('b');
  assert.deepEqual([step, cancel_requested], ['sent', true]);
  world.answer('b');
  assert.equal((await second).outcome, 'approved');
  assert.deepEqual(world.ledger.map(({ id }) => id), ['b']);
});

test('partial, a tip, a ticket: every field of a payment can be told', async () => {
  const world = new MockRelay();
  const relay = till(world);
  const receipt = { card: '497010######4242', authorization: '735201', application: null, read_mode: null, contract: null, aid: null, ticket: 'CB' };
  world.next({ paid: 1000, receipt }, { paid: 1400 }, { outcome: 'declined', report: { code: '04', label: null, issuer_code: '51', message: null } });
  const [partial, tip, declined] = [await relay.pay(order), await relay.pay(order), await relay.pay(order)];
  assert.deepEqual([partial.paid, partial.receipt.ticket, tip.paid, declined.report.issuer_code], [1000, 'CB', 1400, '51']);
  assert.deepEqual(world.ledger.map(({ amount }) => amount), [1000, 1400]);
});

test('a late answer may be a no; every refusal can be told; lists are filtered', async () => {
  const world = new MockRelay();
  const relay = till(world);
  world.next({ outcome: 'unknown', reason: 'silence' }, { refused: 'journal_unavailable' }, { hold: true });
  const { id } = await relay.pay(order);
  assert.deepEqual((await relay.payments({ state: 'unknown' })).map((payment) => payment.id), [id]);
  world.answer(id, { outcome: 'declined' });
  const late = await relay.payment(id);
  assert.deepEqual([late.outcome, late.charged, late.late, world.ledger], ['declined', 'no', true, []]);
  await assert.rejects(relay.pay(order), { code: 'journal_unavailable', refused: true });
  relay.pay({ ...order, id: 'c' });
  await settled();
  assert.deepEqual((await relay.payments({ state: 'open' })).map((payment) => payment.id), ['c']);
  assert.deepEqual((await relay.payments({ since: late.seq })).map((payment) => payment.id), ['c']);
  assert.deepEqual([(await relay.payments({ limit: 1 })).length, await relay.payments({ state: 'unknown' })], [1, []]);
});

test('a till that has to be paired: nothing starts before the code', async () => {
  const world = new MockRelay();
  world.code = '123456';
  const relay = till(world);
  const states = [];
  relay.on('state', ({ state }) => states.push(state));
  assert.equal(relay.state, 'not_paired');
  await assert.rejects(relay.pay(order), { code: 'not_connected' });
  await assert.rejects(relay.pair('000000'), { code: 'bad_code', refused: true });
  await relay.pair('123 456');
  assert.deepEqual(states, ['ready']);
  assert.equal((await relay.pay(order)).outcome, 'approved');
});

test('every state of a connection can be shown, with its sentences', async () => {
  const world = new MockRelay();
  const relay = till(world, { lang: 'en' });
  for (const state of ['denied', 'absent', 'untrusted', 'blocked', 'not_allowed', 'old_relay', 'lost', 'ask_pending']) {
    world.become(state);
    assert.equal(relay.status.state, state);
    assert.match(relay.status.message, / /);
    assert.match(relay.status.remedy, / /);
  }
});
