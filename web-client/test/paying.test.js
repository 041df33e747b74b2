// What happens to one payment, from the till's side.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { approved, FakeStore, openShop, order, payment, settled, shop } from './shop.js';

const rejects = (promise, code, fields = {}) =>
  assert.rejects(promise, (error) => {
    assert.equal(error.name, 'RelayError');
    assert.equal(error.code, code);
    for (const [name, value] of Object.entries(fields)) assert.deepEqual(error[name], value);
    return true;
  });

test('an approved payment is acknowledged and leaves the store', async (t) => {
  const { till, relay } = await openShop(t);
  const paying = till.pay({ ...order, reference: 'T-1' });
  await settled();
  const [{ id, ...sent }] = relay.all('pay');
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(sent, { type: 'pay', operation: 'debit', ...order, reference: 'T-1' });
  assert.deepEqual(await till.pending(), [id]);
  await relay.pays(id);
  const { outcome, paid, charged } = await paying;
  assert.deepEqual({ outcome, paid, charged }, { outcome: 'approved', paid: 1250, charged: 'yes' });
  assert.deepEqual(await till.pending(), [id], 'reading is not acknowledging');

  const acknowledging = till.acknowledge(id);
  await relay.pays(id, { acknowledged: true });
  assert.equal((await acknowledging).acknowledged, true);
  assert.deepEqual(await till.pending(), []);
});

test('an acknowledgement whose answer was lost: the id leaves the store when the relay tells it again', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const paying = till.pay(order);
  await settled();
  const [{ id }] = relay.all('pay');
  await relay.pays(id);
  await paying;
  const lost = assert.rejects(till.acknowledge(id), { code: 'connection_lost' });
  await relay.drop();
  await lost;
  assert.deepEqual(await till.pending(), [id]);
  await pass(1);
  const resuming = till.resume(id);
  await relay.pays(id, { acknowledged: true });
  await resuming;
  await settled();
  assert.deepEqual(await till.pending(), []);
});

test('the id is stored before the payment is sent', async (t) => {
  const { till, notes } = await openShop(t);
  till.pay({ ...order, id: 'a' }).catch(() => {});
  await settled();
  assert.deepEqual(notes, ['store ["a"]', 'heard pay']);
});

test('every outcome resolves, none is an error', async (t) => {
  const { till, relay } = await openShop(t);
  for (const outcome of ['approved', 'declined', 'not_sent', 'unknown']) {
    const paying = till.pay({ ...order, id: outcome });
    await settled();
    await relay.pays(outcome, { outcome });
    assert.equal((await paying).outcome, outcome);
  }
});

test('refunds and cancellations are payments of another operation', async (t) => {
  const { till, relay } = await openShop(t);
  till.refund({ ...order, id: 'r' }).catch(() => {});
  till.cancellation({ ...order, id: 'c' }).catch(() => {});
  await settled();
  assert.deepEqual(relay.all('pay').map(({ id, operation }) => [id, operation]), [['r', 'refund'], ['c', 'cancellation']]);
});

test('progress is told at each change, and a page that fails in it loses nothing', async (t) => {
  const { mock: failures } = t.mock.method(console, 'error', () => {});
  const { till, relay } = await openShop(t);
  const steps = [];
  const onProgress = ({ phase, step }) => {
    steps.push(step ?? phase);
    throw new Error('the page is wrong');
  };
  const paying = till.pay({ ...order, id: 'a', onProgress });
  await settled();
  await relay.tell({ type: 'payment', ...payment({ id: 'a' }) });
  await relay.tell({ type: 'payment', ...payment({ id: 'a', step: 'sent', charged: 'maybe' }) });
  await relay.pays('a');
  assert.equal((await paying).outcome, 'approved');
  assert.deepEqual(steps, ['connecting', 'sent', 'closed']);
  assert.equal(failures.callCount(), 3);
});

test('without a connection nothing is sent, nothing is kept, nothing leaves later', async (t) => {
  const { till, relay, notes } = await openShop(t, { relay: { up: false } });
  await rejects(till.pay({ ...order, id: 'a' }), 'not_connected', { id: 'a', refused: false });
  assert.deepEqual(await till.pending(), []);
  relay.up = true;
  till.retry();
  await settled();
  assert.equal(till.state, 'ready');
  assert.deepEqual(notes, []);
});

test('a socket that dies while the id is being stored: not sent, not kept', async (t) => {
  const { till, relay } = await openShop(t);
  const paying = till.pay({ ...order, id: 'a' });
  relay.drop();
  await rejects(paying, 'not_connected');
  assert.deepEqual(await till.pending(), []);
  assert.deepEqual(relay.all('pay'), []);
});

test('an id that was stored before stays stored when the payment could not be sent', async (t) => {
  const store = new FakeStore();
  store.map.set('caisse-relay.pending', '["a"]');
  const { till, relay } = await openShop(t, { store });
  const paying = till.pay({ ...order, id: 'a' });
  relay.drop();
  await rejects(paying, 'not_connected');
  assert.deepEqual(await till.pending(), ['a']);
});

test('a socket that closes without having said so yet counts as no connection', async (t) => {
  const { till, relay } = await openShop(t);
  relay.socket.readyState = 2;
  await rejects(till.pay(order), 'not_connected');
});

test('a connection that came back while the id was being stored carries the payment once', async (t) => {
  let stored;
  const store = new FakeStore();
  store.set = () => new Promise((done) => (stored = done));
  const { till, relay, pass } = await openShop(t, { store });
  const paying = till.pay({ ...order, id: 'a' });
  await settled();
  await relay.drop();
  await pass(1);
  assert.deepEqual(relay.heard, [], 'a payment that was never sent is not asked about');
  stored();
  await settled();
  assert.deepEqual(relay.heard.map(({ type }) => type), ['pay']);
  await relay.pays('a');
  assert.equal((await paying).outcome, 'approved');
});

test('a lost socket: the outcome is asked by id, and nothing is sent again', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const paying = till.pay({ ...order, id: 'a' });
  await pass(1);
  await relay.drop();
  assert.equal(till.state, 'lost');
  await pass(1);
  assert.equal(till.state, 'ready');
  assert.deepEqual(relay.heard.map(({ type, id }) => [type, id]), [['pay', 'a'], ['payment', 'a']]);
  await relay.pays('a');
  assert.equal((await paying).outcome, 'approved');
});

test('a relay that stays away for an hour still gives the outcome', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const paying = till.pay({ ...order, id: 'a' });
  await pass(1);
  relay.up = false;
  await relay.drop();
  await pass(3_600);
  assert.ok(relay.sockets.length < 300, `${relay.sockets.length} attempts`);
  relay.up = true;
  await pass(16);
  await relay.pays('a', { outcome: 'unknown', charged: 'maybe', paid: null });
  assert.equal((await paying).outcome, 'unknown');
  assert.equal(relay.all('pay').length, 1);
});

test('a payment the relay never received is rejected, and never sent again', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const paying = till.pay({ ...order, id: 'a' });
  await pass(1);
  await relay.drop();
  await pass(1);
  const rejected = rejects(paying, 'not_received', { id: 'a', refused: false });
  await relay.refuse('payment', 'unknown_payment', { id: 'a' });
  await rejected;
  assert.deepEqual(await till.pending(), []);
  await pass(60);
  assert.equal(relay.all('pay').length, 1);
});

test('`unknown_payment` proves nothing while the payment is on its way on the same socket', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const paying = till.pay({ ...order, id: 'a' });
  await pass(1);
  const asking = till.payment('a');
  const rejected = rejects(asking, 'unknown_payment', { refused: true });
  await relay.refuse('payment', 'unknown_payment', { id: 'a' });
  await rejected;
  await relay.pays('a');
  assert.equal((await paying).outcome, 'approved');
});

test('a question about a payment that was refused for another reason is asked again', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const paying = till.pay({ ...order, id: 'a' });
  await pass(1);
  await relay.drop();
  await pass(1);
  await relay.refuse('payment', 'rate_limited', { id: 'a' });
  await relay.tell({ type: 'ping', n: 1 });
  assert.equal(relay.all('payment').length, 2);
  await relay.pays('a');
  await paying;
  await relay.tell({ type: 'ping', n: 2 });
  assert.equal(relay.all('payment').length, 2);
});

for (const code of ['terminal_busy', 'bad_amount', 'journal_unavailable', 'shutting_down', 'rate_limited']) {
  test(`refused with ${code}: rejected, with who holds the terminal, and forgotten`, async (t) => {
    const { till, relay, pass } = await openShop(t);
    const paying = till.pay({ ...order, id: 'a' });
    await pass(1);
    const held_by = { payment: 'z', till: 'Caisse 2' };
    const rejected = rejects(paying, code, { refused: true, heldBy: held_by, message: `no: ${code}`, id: 'a' });
    await relay.refuse('pay', code, { id: 'a', held_by });
    await rejected;
    assert.deepEqual(await till.pending(), []);
  });
}

test('an id that was stored before the refusal stays, to be asked about', async (t) => {
  const store = new FakeStore();
  store.map.set('caisse-relay.pending', '["a"]');
  const { till, relay, pass } = await openShop(t, { store });
  const paying = till.pay({ ...order, id: 'a' });
  await pass(1);
  const rejected = rejects(paying, 'shutting_down');
  await relay.refuse('pay', 'shutting_down', { id: 'a' });
  await rejected;
  assert.deepEqual(await till.pending(), ['a']);
});

test('a refusal that names no id: each payment in flight is asked about, later', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const lost = till.pay({ ...order, id: 'a b' });
  const good = till.pay({ ...order, id: 'b', terminal: 'bar' });
  await pass(1);
  await relay.refuse('pay', 'bad_message');
  await relay.tell({ type: 'payment', ...payment({ id: 'b' }) });
  await relay.tell({ type: 'ping' });
  assert.deepEqual(relay.all('payment').map(({ id }) => id), ['a b']);
  const rejected = assert.rejects(lost, (error) => error.code === 'not_received' && error.cause.code === 'bad_message');
  await relay.refuse('payment', 'unknown_payment', { id: 'a b' });
  await rejected;
  await relay.pays('b');
  assert.equal((await good).id, 'b');
});

test('the same id with the same order is one payment, sent once', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const first = till.pay({ ...order, id: 'a' });
  const second = till.pay({ currency: 'EUR', id: 'a', amount: 1250 });
  await pass(1);
  assert.equal(relay.all('pay').length, 1);
  await relay.pays('a');
  assert.deepEqual(await first, await second);
});

test('the same id with another order is rejected, and the first goes on', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const first = till.pay({ ...order, id: 'a' });
  await rejects(till.pay({ ...order, id: 'a', amount: 1 }), 'id_reused', { refused: false });
  await pass(1);
  await relay.pays('a');
  assert.equal((await first).outcome, 'approved');
  assert.equal(relay.all('pay').length, 1);
});

test('the same id after the end asks the relay, which answers with the same payment', async (t) => {
  const { till, relay, pass } = await openShop(t);
  for (const _ of [1, 2]) {
    const paying = till.pay({ ...order, id: 'a' });
    await pass(1);
    await relay.pays('a');
    assert.equal((await paying).outcome, 'approved');
  }
  assert.deepEqual(await till.pending(), ['a']);
});

test('two payments on two terminals do not mix', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const counter = till.pay({ ...order, id: 'a', terminal: 'comptoir' });
  const bar = till.pay({ ...order, id: 'b', terminal: 'bar' });
  await pass(1);
  assert.deepEqual(await till.pending(), ['a', 'b']);
  await relay.pays('b', { outcome: 'declined', charged: 'no' });
  assert.equal((await bar).outcome, 'declined');
  await relay.pays('a');
  assert.equal((await counter).outcome, 'approved');
});

test('after a reload the page resumes what it had started', async (t) => {
  const before = await openShop(t);
  before.till.pay({ ...order, id: 'a' }).catch(() => {});
  await before.pass(1);
  before.till.close();

  const { till, relay, pass } = shop(t, { store: before.store });
  assert.deepEqual(await till.pending(), ['a']);
  const seen = [];
  const resuming = till.resume('a', { onProgress: ({ phase }) => seen.push(phase) });
  await pass(1);
  assert.deepEqual(relay.heard, [{ type: 'payment', id: 'a' }]);
  await relay.tell({ type: 'payment', ...payment({ id: 'a', step: 'sent' }) });
  await relay.pays('a');
  assert.equal((await resuming).outcome, 'approved');
  assert.deepEqual(seen, ['waiting', 'closed']);
});

test('resuming what the relay never received says so, and forgets it', async (t) => {
  const store = new FakeStore();
  store.map.set('caisse-relay.pending', '["a"]');
  const { till, relay } = await openShop(t, { store });
  const rejected = rejects(till.resume('a'), 'not_received');
  await relay.refuse('payment', 'unknown_payment', { id: 'a' });
  await rejected;
  assert.deepEqual(await till.pending(), []);
});

test('paying an id that is being resumed waits for it instead of sending', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const resuming = till.resume('a');
  const paying = till.pay({ ...order, id: 'a' });
  await pass(1);
  assert.deepEqual(relay.all('pay'), []);
  await relay.pays('a');
  assert.deepEqual(await paying, await resuming);
});

test('resuming a payment in flight is the same wait', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const paying = till.pay({ ...order, id: 'a' });
  const resuming = till.resume('a');
  await pass(1);
  assert.deepEqual(relay.all('payment'), []);
  await relay.pays('a');
  assert.deepEqual(await paying, await resuming);
});

test('closing rejects the waits, and keeps the ids', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const paying = till.pay({ ...order, id: 'a' });
  const asking = till.payment('a');
  await pass(1);
  const rejected = Promise.all([rejects(paying, 'closed', { id: 'a' }), rejects(asking, 'closed')]);
  till.close();
  await rejected;
  assert.deepEqual(await till.pending(), ['a']);
  await rejects(till.pay(order), 'closed');
  await rejects(till.resume('a'), 'closed');
  till.retry();
  await pass(60);
  assert.equal(relay.sockets.length, 1);
});

test('acknowledging twice is once', async (t) => {
  const { till, relay } = await openShop(t);
  const both = [till.acknowledge('a'), till.acknowledge('a')];
  await relay.pays('a', { acknowledged: true });
  const third = till.acknowledge('a');
  await relay.pays('a', { acknowledged: true });
  for (const each of [...both, third]) assert.equal((await each).acknowledged, true);
});

test('an acknowledgement is not believed before the relay says it', async (t) => {
  const { till, relay } = await openShop(t);
  const acknowledging = till.acknowledge('a');
  await relay.pays('a');
  const rejected = rejects(acknowledging, 'connection_lost', { id: 'a' });
  await relay.drop();
  await rejected;
});

test('cancel and resolve answer with the payment, or the refusal', async (t) => {
  const { till, relay } = await openShop(t);
  const cancelling = till.cancel('a');
  await relay.tell({ type: 'payment', ...payment({ id: 'a' }) });
  await relay.tell({ type: 'payment', ...payment({ id: 'a', cancel_requested: true }) });
  assert.equal((await cancelling).cancel_requested, true);

  const resolving = till.resolve('b', { charged: 'no', by: 'Léa' });
  assert.deepEqual(relay.all('resolve'), [{ type: 'resolve', id: 'b', charged: 'no', by: 'Léa' }]);
  const resolved = { charged: 'no', by: 'Léa', note: null, at: '2026-11-23T10:00:00.000Z' };
  await relay.pays('b', { outcome: 'unknown', charged: 'no', resolved });
  assert.deepEqual((await resolving).resolved, resolved);

  const again = rejects(till.resolve('c', { charged: 'no', by: 'Léa' }), 'not_unknown', { refused: true });
  await relay.refuse('resolve', 'not_unknown', { id: 'c' });
  await again;
});

test('lists, identification and exchanges find their own answer', async (t) => {
  const { till, relay } = await openShop(t);
  const listing = till.payments({ state: 'open' });
  const identifying = till.identify('bar');
  const exchanging = till.exchange('bar', [{ tag: 'CD', value: '3' }]);
  const [list, identify, exchange] = relay.heard;
  assert.deepEqual([list.state, identify.terminal, exchange.fields], ['open', 'bar', [{ tag: 'CD', value: '3' }]]);
  await relay.tell({ type: 'exchange', n: exchange.n, terminal: 'bar', fields: [], status: '10', error: null });
  await relay.tell({ type: 'terminal', n: identify.n, name: 'bar', state: 'ready' });
  await relay.tell({ type: 'payments', n: list.n, payments: [approved('a')] });
  assert.deepEqual((await listing).map(({ id }) => id), ['a']);
  assert.equal((await identifying).state, 'ready');
  assert.equal((await exchanging).status, '10');

  const busy = rejects(till.identify('bar'), 'terminal_busy', { refused: true, id: null });
  await relay.refuse('identify', 'terminal_busy', { id: null, n: relay.heard.at(-1).n });
  await busy;
});

test('a refusal without a number meets the only question of its type', async (t) => {
  const { till, relay } = await openShop(t);
  const refused = rejects(till.payments({ limit: 5_000 }), 'bad_message', { refused: true });
  await relay.refuse('payments', 'bad_message', { id: null, n: null });
  await refused;
  const answers = [till.exchange('bar', []), till.exchange('bar', [])];
  const lost = Promise.all(answers.map((answer) => rejects(answer, 'connection_lost')));
  await relay.refuse('exchange', 'bad_message');
  await relay.drop();
  await lost;
});

test('unacknowledged: of this till only, those that wait and those that closed, each once', async (t) => {
  const { till, relay } = await openShop(t);
  const mine = till.unacknowledged();
  const [open, closed] = relay.heard;
  assert.deepEqual([open.state, closed.state], ['open', 'unacknowledged']);
  await relay.tell({ type: 'payments', n: open.n, payments: [payment({ id: 'a' }), payment({ id: 'b' })] });
  await relay.tell({ type: 'payments', n: closed.n, payments: [approved('b'), { ...approved('c'), till: 'Caisse 2' }] });
  assert.deepEqual((await mine).map(({ id, phase }) => [id, phase]), [['a', 'waiting'], ['b', 'closed']]);
});

test('questions without a connection are rejected at once', async (t) => {
  const { till } = await openShop(t, { relay: { up: false } });
  await rejects(till.payment('a'), 'not_connected');
  await rejects(till.unacknowledged(), 'not_connected');
  await rejects(till.acknowledge('a'), 'not_connected');
});

test('a late answer after `unknown` is told as an event', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const told = [];
  till.on('payment', ({ outcome, late }) => told.push([outcome, late]));
  const paying = till.pay({ ...order, id: 'a' });
  await pass(1);
  await relay.pays('a', { outcome: 'unknown', charged: 'maybe', late: false });
  await relay.pays('a', { outcome: 'approved', late: true });
  assert.equal((await paying).outcome, 'unknown');
  assert.deepEqual(told, [['unknown', false], ['approved', true]]);
});

test('a sale in doubt: the refusal names the first payment, and `despite` names it back', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const again = { ...order, id: 'b', reference: 'T-1' };
  const paying = till.pay(again);
  await pass(1);
  const refused = rejects(paying, 'possible_double_charge', { id: 'b', first: 'a', refused: true });
  await relay.refuse('pay', 'possible_double_charge', { id: 'b', first: 'a' });
  await refused;
  assert.deepEqual(await till.pending(), [], 'nothing was sent for it');

  const despite = till.pay({ ...again, id: 'c', despite: 'a' });
  await pass(1);
  assert.deepEqual(relay.heard.at(-1), { type: 'pay', operation: 'debit', ...again, id: 'c', despite: 'a' });
  await relay.pays('c');
  assert.equal((await despite).outcome, 'approved');
});

test('a refusal without a first payment has none', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const paying = till.pay({ ...order, id: 'a' });
  await pass(1);
  const refused = rejects(paying, 'terminal_busy', { first: null });
  await relay.refuse('pay', 'terminal_busy', { id: 'a' });
  await refused;
});

test('a terminal is released, or the refusal says why not', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const releasing = till.release('comptoir', 'Zoé');
  await pass(1);
  const { n, ...said } = relay.heard.at(-1);
  assert.deepEqual(said, { type: 'release', terminal: 'comptoir', by: 'Zoé' });
  await relay.tell({ type: 'released', terminal: 'bar', n: n + 1 });
  await relay.tell({ type: 'released', terminal: 'comptoir', n });
  assert.equal(await releasing, undefined);

  const vainly = rejects(till.release(undefined, 'Zoé'), 'not_held', { refused: true });
  await pass(1);
  await relay.refuse('release', 'not_held', { id: null, n: relay.heard.at(-1).n });
  await vainly;

  const lost = rejects(till.release('comptoir', 'Zoé'), 'connection_lost', { refused: false });
  await pass(1);
  await relay.drop();
  await lost;
});

test('a listener that was taken away hears nothing more', async (t) => {
  const { till, relay } = await openShop(t);
  let heard = 0;
  const stop = till.on('payment', () => (heard += 1));
  await relay.pays('a');
  stop();
  await relay.pays('a');
  assert.equal(heard, 1);
});

test('what cannot be understood changes nothing', async (t) => {
  const { till, relay, pass } = await openShop(t);
  const paying = till.pay({ ...order, id: 'a' });
  await pass(1);
  for (const text of ['', '{', 'null', '12', '"payment"', '[]', '{}', '{"type":"firework"}', '{"type":"payment"}', '{"type":"refused"}']) {
    await relay.tell(text);
  }
  await relay.tell({ type: 'payment', ...approved('a'), outcome: 'probably' });
  await relay.tell({ type: 'payment', ...approved('a'), phase: 'over' });
  await relay.tell({ type: 'payment', ...approved('other') });
  assert.equal(till.state, 'ready');
  await relay.pays('a', { colour: 'blue', report: { code: '00', shade: 'dark' } });
  assert.equal((await paying).outcome, 'approved');
});

test('a store that fails: rejected, and nothing is sent', async (t) => {
  for (const set of [() => Promise.reject(new Error('full')), () => { throw new Error('full'); }]) {
    const store = { get: () => null, set, remove() {} };
    const { till, relay } = await openShop(t, { store });
    await assert.rejects(till.pay(order), (error) => error.code === 'store_failed' && error.cause.message === 'full');
    assert.deepEqual(relay.heard, []);
    till.close();
  }
});

test('a store that fails only at the end does not undo an acknowledgement', async (t) => {
  const store = new FakeStore();
  store.remove = () => Promise.reject(new Error('gone'));
  const { till, relay, pass } = await openShop(t, { store });
  const paying = till.pay({ ...order, id: 'a' });
  await pass(1);
  await relay.pays('a');
  await paying;
  const acknowledging = till.acknowledge('a');
  await relay.pays('a', { acknowledged: true });
  assert.equal((await acknowledging).acknowledged, true);
});

test('an order that cannot be written as JSON is rejected before anything is kept', async (t) => {
  const { till, relay } = await openShop(t);
  await assert.rejects(till.pay({ ...order, amount: 10n }), TypeError);
  assert.deepEqual(await till.pending(), []);
  assert.deepEqual(relay.heard, []);
});

test('fields the client does not know travel, so that the relay refuses them by name', async (t) => {
  const { till, relay, pass } = await openShop(t);
  till.pay({ ...order, refernce: 'T-1' }).catch(() => {});
  await pass(1);
  assert.equal(relay.all('pay')[0].refernce, 'T-1');
});

test('sentences are French, or English when asked', async (t) => {
  for (const [lang, word] of [['fr', /rien n'a été débité/], ['en', /nothing was charged/]]) {
    const { till } = await openShop(t, { relay: { up: false }, connect: { lang } });
    await assert.rejects(till.pay(order), { message: word });
    till.close();
  }
});
