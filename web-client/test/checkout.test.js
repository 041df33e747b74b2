// What a cashier's page shows and may do: the rules that the component, the hook and the composable share.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Checkout } from '../checkout.js';
import { MockRelay } from '../mock/mock.js';
import { FakeStore, settled } from './shop.js';

const sale = { amount: 1250, currency: 'EUR', reference: 'T-1' };

/** A till's page; `reload` is the same till's next one. */
async function counter(t, { world = new MockRelay(), store = new FakeStore(), books = new Map(), fails = { left: 0 } } = {}) {
  const relay = world.connect({ till: 'Caisse 1', store });
  const record = async (payment) => {
    if (fails.left > 0) {
      fails.left -= 1;
      throw new Error('no room');
    }
    books.set(payment.id, payment.charged);
  };
  const checkout = new Checkout(relay, record);
  t.after(checkout.open());
  await settled();
  const leave = () => {
    checkout.close();
    world.forget(relay);
  };
  const reload = () => (leave(), counter(t, { world, store, books, fails }));
  return { world, relay, checkout, books, fails, leave, reload, is: (stage) => assert.equal(checkout.view.stage, stage) };
}

/** The end of each story: what the terminal charged is what the page has recorded, and the relay has nothing left to tell. */
async function balanced({ world, books }, charges) {
  await settled();
  const paid = [...books.values()].filter((charged) => charged === 'yes').length;
  assert.deepEqual([world.ledger.length, paid], [charges, charges]);
  assert.deepEqual(world.payments.filter(({ acknowledged }) => !acknowledged), []);
}

test('approved: recorded, acknowledged, and no second start before the sale is put away', async (t) => {
  const till = await counter(t);
  const { checkout } = till;
  assert.equal(checkout.view.ready, true);
  const { outcome } = await checkout.start(sale);
  assert.equal(outcome, 'approved');
  assert.equal(await checkout.start(sale), null);
  assert.equal(await checkout.again(), null);
  till.is('approved');
  checkout.clear();
  till.is('idle');
  await balanced(till, 1);
});

test('two presses are one payment', async (t) => {
  const till = await counter(t);
  till.world.next({ hold: true });
  const [first, second] = [till.checkout.start(sale), till.checkout.start(sale)];
  await settled();
  till.is('waiting');
  assert.equal(await second, null);
  till.checkout.clear();
  till.is('waiting');
  till.world.answer(till.world.payments[0].id);
  assert.equal((await first).outcome, 'approved');
  await balanced(till, 1);
});

test('declined, and another try by a person: a new id, one charge', async (t) => {
  const till = await counter(t);
  till.world.next({ outcome: 'declined' });
  await till.checkout.start(sale);
  till.is('declined');
  await till.checkout.again();
  till.is('approved');
  assert.equal(till.world.payments.length, 2);
  await balanced(till, 1);
});

test('a page that is loaded again waits for what it waited for', async (t) => {
  const before = await counter(t);
  before.world.next({ hold: true });
  before.checkout.start(sale);
  await settled();
  const after = await before.reload();
  after.is('waiting');
  assert.equal(after.checkout.view.ready, false);
  after.world.answer(after.world.payments[0].id);
  await settled();
  after.is('approved');
  await balanced(after, 1);
});

test('it ended while no page was there: shown, recorded', async (t) => {
  const before = await counter(t);
  before.world.next({ hold: true });
  before.checkout.start(sale);
  await settled();
  before.leave();
  before.world.answer(before.world.payments[0].id);
  const after = await before.reload();
  after.is('approved');
  await balanced(after, 1);
});

test('unknown: nothing may start, a person settles, and only then it is acknowledged', async (t) => {
  const till = await counter(t);
  till.world.next({ outcome: 'unknown', charges: true });
  const { id } = await till.checkout.start(sale);
  till.is('unknown');
  assert.deepEqual([till.checkout.view.ready, await till.checkout.again(), till.books.get(id)], [false, null, 'maybe']);
  assert.equal(till.world.payments[0].acknowledged, false);
  await till.checkout.settle({ charged: 'yes', by: 'Zoé' });
  till.is('settled');
  assert.deepEqual(till.checkout.view.doubts, []);
  await balanced(till, 1);
});

test('a doubt is set aside: it stays in the list, whatever the connection does, and a reload shows it again', async (t) => {
  const till = await counter(t);
  till.world.next({ outcome: 'unknown' });
  const { id } = await till.checkout.start(sale);
  till.checkout.clear();
  till.is('idle');
  till.world.become('lost');
  till.world.become('ready');
  await settled();
  till.is('idle');
  assert.deepEqual(till.checkout.view.doubts.map((doubt) => doubt.id), [id]);
  await till.checkout.start({ ...sale, reference: 'T-2' });
  till.is('approved');
  const after = await till.reload();
  after.is('unknown');
  await after.checkout.settle({ charged: 'no', by: 'Zoé' });
  await balanced(after, 1);
});

test('late answer: the doubt goes away by itself; against what a person said, it comes back by itself', async (t) => {
  const till = await counter(t);
  till.world.next({ outcome: 'unknown' }, { outcome: 'unknown' });
  const first = await till.checkout.start(sale);
  till.world.answer(first.id, { outcome: 'approved' });
  await settled();
  till.is('approved');
  till.checkout.clear();
  const second = await till.checkout.start({ ...sale, reference: 'T-2' });
  await till.checkout.settle({ charged: 'no', by: 'Zoé' });
  till.checkout.clear();
  till.world.answer(second.id, { outcome: 'approved' });
  await settled();
  till.is('contradicted');
  assert.equal(till.checkout.view.payment.id, second.id);
  await balanced(till, 2);
});

test('a contradiction that comes in the middle of the next payment is shown after it', async (t) => {
  const till = await counter(t);
  till.world.next({ outcome: 'unknown' }, { hold: true });
  const { id } = await till.checkout.start(sale);
  await till.checkout.settle({ charged: 'no', by: 'Zoé' });
  till.checkout.clear();
  till.checkout.start({ ...sale, reference: 'T-2' });
  await settled();
  till.world.answer(id);
  await settled();
  till.is('waiting');
  till.world.answer(till.world.payments[1].id);
  await settled();
  till.is('approved');
  till.checkout.clear();
  till.is('contradicted');
  assert.equal(till.checkout.view.payment.id, id);
  till.checkout.clear();
  till.is('idle');
  await balanced(till, 2);
});

test('in doubt, then the same sale from another page: refused; the first one is shown, or paid all the same', async (t) => {
  const till = await counter(t);
  till.world.next({ outcome: 'unknown' });
  const { id } = await till.checkout.start(sale);
  till.checkout.clear();
  await till.checkout.start(sale);
  till.is('refused');
  assert.equal(till.checkout.view.error.code, 'possible_double_charge');
  await till.checkout.show(id);
  till.is('unknown');
  till.checkout.clear();
  await till.checkout.start(sale);
  await till.checkout.insist();
  till.is('approved');
  assert.equal(till.world.heard.filter(({ type }) => type === 'pay').at(-1).despite, id);
});

test('busy: who holds the terminal, and nothing recorded', async (t) => {
  const till = await counter(t);
  till.world.next({ refused: 'terminal_busy', heldBy: { payment: 'x', till: 'Caisse 2' } });
  assert.equal(await till.checkout.start(sale), null);
  till.is('refused');
  assert.equal(till.checkout.view.error.heldBy.till, 'Caisse 2');
  await till.checkout.again();
  till.is('approved');
  await balanced(till, 1);
});

test('not recorded is not acknowledged: once more by a person, or by the next page', async (t) => {
  const till = await counter(t);
  till.fails.left = 1;
  t.mock.method(console, 'error', () => {});
  await till.checkout.start(sale);
  await settled();
  assert.deepEqual([till.checkout.view.recorded, till.world.payments[0].acknowledged], [false, false]);
  till.checkout.recordAgain();
  await settled();
  assert.equal(till.checkout.view.recorded, true);
  await balanced(till, 1);
});

test('what is being recorded is not acknowledged before it is', async (t) => {
  const world = new MockRelay();
  const relay = world.connect({ till: 'Caisse 1' });
  let stored = () => {};
  const checkout = new Checkout(relay, () => new Promise((resolve) => (stored = resolve)));
  t.after(checkout.open());
  await settled();
  checkout.start(sale);
  await settled();
  assert.deepEqual([checkout.view.stage, world.payments[0].acknowledged], ['approved', false]);
  stored();
  await settled();
  assert.equal(world.payments[0].acknowledged, true);
  assert.equal(world.heard.filter(({ type }) => type === 'acknowledge').length, 1);
});

test('given up before and after the card: the wish is told, the terminal decides', async (t) => {
  const till = await counter(t);
  till.world.next({ hold: true });
  till.checkout.start(sale);
  await settled();
  await till.checkout.cancel();
  assert.equal(till.checkout.view.payment.cancel_requested, true);
  till.is('waiting');
  assert.equal(await till.checkout.again(), null);
  till.world.answer(till.world.payments[0].id);
  await settled();
  till.is('approved');
  await balanced(till, 1);
});

test('without a connection nothing may start; an open payment stays in view', async (t) => {
  const till = await counter(t);
  till.world.become('absent');
  assert.equal(await till.checkout.start(sale), null);
  assert.equal(till.checkout.view.status.state, 'absent');
  till.world.become('ready');
  await settled();
  till.world.next({ hold: true });
  till.checkout.start(sale);
  await settled();
  till.world.become('lost');
  till.is('waiting');
  till.world.answer(till.world.payments[0].id);
  till.world.become('ready');
  await settled();
  till.is('approved');
  await balanced(till, 1);
});

test('another till\'s payments are its own', async (t) => {
  const world = new MockRelay();
  const till = await counter(t, { world });
  const other = world.connect({ till: 'Caisse 2' });
  await settled();
  await other.pay({ ...sale, reference: 'T-9' });
  await settled();
  till.is('idle');
  assert.equal(till.books.size, 0);
});
