// What shops have reported of card payments in Odoo, each ending with one charge and one recorded payment. The relay
// is the client's mock: no network. With the real relay: real-relay.test.js.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MockRelay } from '../../mock/mock.js';
import { Dialogs, load, Server, settled } from './till.js';

/** @param {string} series of Odoo */
export async function tellStories(series) {
  const { odoo } = await load(series);

  /** A shop: what stays when the page goes, and a page. */
  async function shop({ methods = {}, others = [], config } = {}) {
    const world = new MockRelay();
    const server = new Server();
    const browser = new Map();
    const local = new Map();
    const storage = {
      getItem: (key) => local.get(key) ?? null,
      setItem: (key, value) => void local.set(key, value),
      removeItem: (key) => void local.delete(key),
    };
    const here = { world, server, browser, storage, forget: () => local.clear() };
    /** @returns {Promise<any>} a page: at first, and after each reload */
    here.open = async () => {
      if (here.page) {
        here.page.leave();
        here.page.till.relays.all.forEach((relay) => world.forget(relay));
      }
      const card = { id: 1, name: 'Carte', use_payment_terminal: 'caisse_relay', caisse_relay_auto_send: true, ...methods };
      const cash = { id: 2, name: 'Espèces' };
      here.dialogs = new Dialogs();
      here.page = await odoo.open({ server, browser, methods: [card, cash], others, dialogs: here.dialogs, connect: world.connect, storage, config });
      Object.assign(here, { card, cash });
      await settled();
      return here.page;
    };
    await here.open();
    return here;
  }

  /** A card payment that is with the terminal. */
  async function waiting(options, total = 99.99) {
    const here = await shop(options);
    here.world.next({ hold: true });
    const order = here.page.sale(total);
    const line = await here.page.pay(order, here.card);
    await settled();
    return Object.assign(here, { order, line, id: here.world.payments[0]?.id });
  }

  /** The end of every story: as many charges as Odoo has recorded, and the relay need tell nothing more. */
  async function books({ world, server }, ...sums) {
    await settled();
    assert.deepEqual(world.ledger.map(({ amount, operation }) => (operation === 'refund' ? -amount : amount)), sums, 'what the terminal charged');
    assert.deepEqual(server.byCard, sums, 'what Odoo recorded');
    assert.deepEqual(world.payments.filter(({ acknowledged }) => !acknowledged).map(({ id }) => id), [], 'what the relay still has to tell');
  }

  const stored = (here) => here.server.payments.filter(({ caisse_relay_payment }) => caisse_relay_payment);
  const story = (name, tell) => test(`${series}: ${name}`, { timeout: 20_000 }, tell);

  story('a: an approved payment validates the order, with its proof', async () => {
    const here = await shop({ methods: { caisse_relay_terminal: 'comptoir', caisse_relay_ticket: true } });
    const receipt = {
      card: '497010******0034',
      authorization: 'A12345',
      application: { code: '1', label: 'CB' },
      read_mode: { code: '2', label: 'sans contact' },
      aid: 'A0000000421010',
      contract: null,
      ticket: 'CARTE BANCAIRE\nMERCI',
    };
    here.world.next({ receipt });
    const order = here.page.sale(10);
    await here.page.pay(order, here.card);
    await books(here, 1000);
    const [payment] = stored(here);
    assert.equal(payment.transaction_id, 'AA-497010******0034|AC-A12345|AI-A0000000421010|CD-0');
    assert.equal(payment.card_type, 'CB sans contact');
    assert.equal(payment.ticket, 'CARTE BANCAIRE\nMERCI');
    const { terminal, receipt: asked, reference, means, currency } = here.world.heard[0];
    assert.deepEqual({ terminal, asked, reference, means, currency }, { terminal: 'comptoir', asked: true, reference: order.uuid ?? order.uid, means: undefined, currency: 'EUR' });
    assert.deepEqual(here.dialogs.told, []);
  });

  story('a: a terminal that gives no receipt prints nothing, and certainly not "null" or "false"', async () => {
    const here = await shop();
    here.world.next({ receipt: null });
    await here.page.pay(here.page.sale(10), here.card);
    await books(here, 1000);
    assert.equal(stored(here)[0].ticket, '');
    assert.equal(stored(here)[0].card_type, '');
  });

  story('b: a declined payment says why in the relay\'s words, and Retry is a new payment', async () => {
    const here = await shop();
    here.world.next({ outcome: 'declined', advice: 'Paiement refusé : rien n\'a été débité.', report: { label: 'Refusée', message: 'PLAFOND DEPASSE' } });
    const order = here.page.sale(10);
    const line = await here.page.pay(order, here.card);
    await settled();
    assert.equal(here.page.statusOf(line), 'retry');
    assert.equal(here.dialogs.told[0].body, 'Paiement refusé : rien n\'a été débité. Refusée PLAFOND DEPASSE');
    await here.page.press('Retry', line);
    await books(here, 1000);
    const [first, second] = here.world.payments.map(({ id }) => id);
    assert.notEqual(first, second);
    assert.equal(first.split('.')[0], second.split('.')[0], 'both are of the line');
  });

  story('b\': where nothing is connected nothing is sent, and the cashier is told what to do', async () => {
    const here = await shop();
    here.world.become('denied');
    const line = await here.page.pay(here.page.sale(10), here.card);
    await settled();
    assert.equal(here.page.statusOf(line), 'retry');
    assert.match(here.dialogs.told[0].body, /rien n'a été débité.*réglages du site/);
    here.world.become('ready');
    await here.page.press('Retry', line);
    await books(here, 1000);
  });

  story('c: an answer that nobody understands is a question, and Retry never pays again', async () => {
    const here = await shop();
    here.world.next({ outcome: 'unknown', reason: 'garbled_answer', charges: true });
    const line = await here.page.pay(here.page.sale(99.99), here.card);
    await settled();
    assert.equal(here.page.statusOf(line), 'force_done');
    assert.deepEqual(here.dialogs.question.names, ['yes', 'no', 'later']);
    here.dialogs.question.answer('later');
    await settled();
    assert.equal(here.page.statusOf(line), 'force_done', 'the state without Retry');
    assert.equal(here.page.pos.paymentTerminalInProgress, false, 'other sales go on');

    // Even if Odoo offered it.
    here.page.press('Retry', line);
    await settled();
    assert.equal(here.world.payments.length, 1);
    here.dialogs.question.answer('yes');
    await books(here, 9999);
    assert.deepEqual(here.world.heard.find(({ type }) => type === 'resolve').by, 'Zoé');
  });

  story('c: the ticket says "not paid": the next Retry is another payment', async () => {
    const here = await shop();
    here.world.next({ outcome: 'unknown', reason: 'connection_closed' });
    const line = await here.page.pay(here.page.sale(99.99), here.card);
    await settled();
    here.dialogs.question.answer('no');
    await settled();
    assert.equal(here.page.statusOf(line), 'retry');
    await here.page.press('Retry', line);
    await books(here, 9999);
    assert.equal(here.world.payments.length, 2);
  });

  story('c: "Force done" on a doubt asks what the ticket says, and does not say "paid" by itself', async () => {
    const here = await shop();
    here.world.next({ outcome: 'unknown', charges: true });
    const order = here.page.sale(99.99);
    const line = await here.page.pay(order, here.card);
    await settled();
    here.dialogs.question.dismiss();
    await settled();
    const forcing = here.page.press('Force done', line);
    await settled();
    assert.equal(here.page.statusOf(line), 'force_done');
    here.dialogs.question.answer('yes');
    await forcing;
    assert.equal(here.page.statusOf(line), 'done');
    await here.page.validate(order);
    await books(here, 9999);
  });

  story('d: the page is reloaded while the terminal waits; the approval is not lost', async () => {
    const here = await waiting();
    const page = await here.open();
    const [line] = page.lines;
    assert.equal(page.statusOf(line), 'waitingCard');
    assert.equal(page.adviceOf(line), 'waiting.');
    here.world.answer(here.id);
    await settled();
    assert.equal(page.statusOf(line), 'done');
    await page.validate(page.pos.orders[0]);
    await books(here, 9999);
  });

  story('d: the approval came while no page was there', async () => {
    const here = await waiting();
    here.page.leave();
    here.page.till.relays.all.forEach((relay) => here.world.forget(relay));
    here.world.answer(here.id);
    const page = await here.open();
    assert.equal(page.statusOf(page.lines[0]), 'done');
    await page.validate(page.pos.orders[0]);
    await books(here, 9999);
  });

  story('d: reloaded before Odoo had written the attempt: the client\'s own list knows it', async () => {
    const here = await waiting();
    here.page.leave();
    here.browser.set('orders', here.browser.get('orders').replaceAll('"attempt":1,"open":true', '"x":0'));
    here.page.leave = () => {};
    const page = await here.open();
    here.world.answer(here.id);
    await settled();
    assert.equal(page.statusOf(page.lines[0]), 'done');
    await page.validate(page.pos.orders[0]);
    await books(here, 9999);
  });

  story('d: approved after the reload, and reloaded again while the relay is away: it is still paid', async () => {
    const here = await waiting();
    await here.open();
    here.world.answer(here.id);
    await settled();
    here.world.become('lost');
    const page = await here.open();
    assert.equal(page.statusOf(page.lines[0]), 'done');
    await page.validate(page.pos.orders[0]);
    here.world.become('ready');
    await books(here, 9999);
    assert.equal(stored(here)[0].transaction_id, 'CD-0');
  });

  story('d: a line that another till has sent, and that Odoo shows here, is left alone', async () => {
    const here = await waiting();
    here.page.leave();
    here.page.leave = () => {};
    // This till has sent nothing: it knows the order from Odoo's server.
    const orders = JSON.parse(here.browser.get('orders'), (key, value) => (key === 'caisse_relay' ? undefined : value));
    here.browser.set('orders', JSON.stringify(orders));
    here.world.payments.length = 0;
    here.forget();
    const page = await here.open();
    assert.equal(page.statusOf(page.lines[0]), 'waitingCard');
    assert.deepEqual(here.dialogs.told, []);
  });

  story('d: after the reload Cancel, then Retry: still the same payment', async () => {
    const here = await waiting();
    const page = await here.open();
    const [line] = page.lines;
    await page.press('Cancel', line);
    assert.equal(page.statusOf(line), 'waitingCard', 'only the terminal ends it');
    assert.equal(here.dialogs.told.at(-1).body, 'red key.');
    line.payment_status = 'retry';
    const retrying = page.press('Retry', line);
    await settled();
    assert.equal(here.world.payments.length, 1);
    here.world.answer(here.id);
    await retrying;
    await books(here, 9999);
  });

  story('d: "Force done" while the terminal waits tells so, and pays nothing', async () => {
    const here = await waiting();
    const page = await here.open();
    await page.press('Force done', page.lines[0]);
    assert.equal(page.statusOf(page.lines[0]), 'waitingCard');
    assert.equal(here.dialogs.told.at(-1).body, 'waiting.');
    here.world.answer(here.id);
    await settled();
    await page.validate(page.pos.orders[0]);
    await books(here, 9999);
  });

  story('e: the relay goes away in the middle and comes back: nothing is asked twice', async () => {
    const here = await waiting();
    here.world.become('lost');
    await settled();
    assert.equal(here.page.statusOf(here.line), 'waitingCard', 'no answer is not a no');
    here.world.answer(here.id);
    here.world.become('ready');
    await books(here, 9999);
  });

  story('e: Odoo\'s server is away when the order is closed: the relay keeps the payment until it is saved', async () => {
    const here = await waiting();
    here.server.up = false;
    here.world.answer(here.id);
    await settled();
    assert.equal(here.page.statusOf(here.line), 'done');
    assert.equal(here.world.find(here.id).acknowledged, false, 'a paid line in a browser is not a record');
    here.server.up = true;
    await here.page.sync();
    await books(here, 9999);
  });

  story('e: saved, then reloaded before the relay was told: it is not shown as lost', async () => {
    const here = await waiting();
    here.world.answer(here.id);
    await books(here, 9999);
    here.world.change(here.id, { acknowledged: false });
    await here.open();
    assert.deepEqual(here.dialogs.questions, []);
    await books(here, 9999);
  });

  story('e: the relay\'s computer is dead and the customer waits: a person decides, and the relay hears of it later', async () => {
    const here = await waiting();
    here.world.become('lost');
    const forcing = here.page.press('Force done', here.line);
    await settled();
    assert.match(here.dialogs.question.body, /cannot be asked/);
    here.dialogs.question.answer('yes');
    await forcing;
    await settled();
    assert.equal(here.server.byCard.length, 1);
    here.world.answer(here.id, { outcome: 'unknown', charges: true });
    here.world.become('ready');
    await books(here, 9999);
    assert.equal(here.world.find(here.id).resolved.charged, 'yes');
  });

  story('f: a terminal that never answers: unknown, then the late approval ends the question by itself', async () => {
    const here = await waiting();
    here.world.answer(here.id, { outcome: 'unknown', reason: 'silence' });
    await settled();
    assert.equal(here.dialogs.questions.length, 1);
    here.world.answer(here.id, { outcome: 'approved' });
    await settled();
    assert.equal(here.dialogs.questions.length, 0);
    await books(here, 9999);
  });

  story('f: a late approval against what a person said is shown, and recorded', async () => {
    const here = await waiting();
    here.world.answer(here.id, { outcome: 'unknown', reason: 'silence' });
    await settled();
    here.dialogs.question.answer('no');
    await settled();
    assert.equal(here.page.statusOf(here.line), 'retry');
    here.world.answer(here.id, { outcome: 'approved' });
    await settled();
    assert.ok(here.dialogs.titles.includes('The terminal says otherwise'));
    assert.equal(here.page.statusOf(here.line), 'done');
    await here.page.validate(here.order);
    await books(here, 9999);
  });

  story('g: a refund is a refund, and its Cancel is honest', async () => {
    const here = await shop();
    const order = here.page.sale(-1.25);
    const line = await here.page.pay(order, here.card);
    assert.equal(here.world.payments.length, 0, 'a refund waits for its button');
    here.world.next({ hold: true });
    const refunding = here.page.press('Refund', line);
    await settled();
    await here.page.press('Cancel', line);
    assert.equal(here.page.statusOf(line), 'waitingCard');
    assert.equal(here.dialogs.told.at(-1).body, 'red key.');
    here.world.answer(here.world.payments[0].id);
    await refunding;
    await books(here, -125);
    assert.equal(here.world.heard[0].operation, 'refund');
    assert.equal(stored(here)[0].transaction_id, 'CD-1');
  });

  story('h: the terminal is with another till: its name is told, nothing is queued', async () => {
    const here = await shop();
    here.world.next({ refused: 'terminal_busy', heldBy: { payment: 'p', till: 'Caisse du fond' } });
    const line = await here.page.pay(here.page.sale(20), here.card);
    await settled();
    assert.equal(here.page.statusOf(line), 'retry');
    assert.match(here.dialogs.told[0].body, /“Caisse du fond”/);
    await here.page.press('Retry', line);
    await books(here, 2000);
  });

  story('i: five cents are 5, nothing is nothing', async () => {
    const here = await shop();
    await here.page.pay(here.page.sale(0.05), here.card);
    await books(here, 5);
    const order = here.page.sale(0);
    const line = await here.page.pay(order, here.card);
    await settled();
    await here.page.press('Send', line);
    await settled();
    assert.match(here.dialogs.told[0].body, /nothing was sent/);
    assert.equal(here.world.payments.length, 1);
  });

  story('j: Cancel, and the customer pays all the same', async () => {
    const here = await waiting();
    await here.page.press('Cancel', here.line);
    assert.equal(here.page.statusOf(here.line), 'waitingCard');
    here.world.answer(here.id);
    await books(here, 9999);
  });

  story('j: Cancel before anything was sent closes it', async () => {
    const here = await waiting();
    const cancel = here.page.press('Cancel', here.line);
    here.world.answer(here.id, { outcome: 'not_sent', reason: 'cancelled' });
    await cancel;
    await settled();
    assert.equal(here.page.statusOf(here.line), 'retry');
    await here.page.press('Retry', here.line);
    await books(here, 9999);
  });

  story('k: Cancel, then Retry at once: one payment', async () => {
    const here = await waiting();
    await here.page.press('Cancel', here.line);
    here.page.press('Retry', here.line);
    here.page.press('Retry', here.line);
    await settled();
    assert.equal(here.world.payments.length, 1);
    here.world.answer(here.id);
    await books(here, 9999);
    assert.equal(here.page.pos.paymentTerminalInProgress, false);
  });

  story('l: the line is not deleted while the terminal waits, unless a person insists', async () => {
    const here = await waiting();
    const deleting = here.page.press('Delete', here.line);
    await settled();
    assert.match(here.dialogs.question.body, /may still charge 99.99 €.*red key/s);
    here.dialogs.question.answer('keep');
    await deleting;
    assert.equal(here.page.lines.length, 1);
    here.world.answer(here.id);
    await books(here, 9999);
  });

  story('l: deleted, and the terminal approves: it goes back on the order', async () => {
    const here = await waiting();
    here.page.press('Delete', here.line);
    await settled();
    here.dialogs.question.answer('remove');
    await settled();
    assert.equal(here.page.lines.length, 0);
    assert.equal(here.page.pos.paymentTerminalInProgress, false);
    here.world.answer(here.id);
    await settled();
    assert.match(here.dialogs.question.body, /99.99 € were charged/);
    here.dialogs.question.answer('restore');
    await settled();
    assert.equal(here.page.statusOf(here.page.lines[0]), 'done');
    await here.page.validate(here.order);
    await books(here, 9999);
  });

  story('l: paid in cash, and the terminal approves: told again until it is noted', async () => {
    const here = await waiting();
    here.page.press('Delete', here.line);
    await settled();
    here.dialogs.question.answer('remove');
    await settled();
    await here.page.pay(here.order, here.cash);
    await here.page.validate(here.order);
    here.world.answer(here.id);
    await settled();
    assert.deepEqual(here.dialogs.question.names, ['noted', 'later'], 'the order is closed');
    here.dialogs.question.answer('later');
    await settled();
    assert.equal(here.world.find(here.id).acknowledged, false);

    await here.open();
    here.dialogs.question.answer('noted');
    await settled();
    assert.equal(here.world.find(here.id).acknowledged, true);
    await here.open();
    assert.deepEqual(here.dialogs.questions, []);
  });

  /** Half in cash, the rest is with the terminal; then something is taken off the sale: the cash covers it. */
  async function covered() {
    const here = await shop();
    const order = here.page.sale(10);
    const cash = await here.page.pay(order, here.cash);
    cash.amount = 4;
    here.world.next({ hold: true });
    await here.page.pay(order, here.card);
    await settled();
    order.total = 4;
    return Object.assign(here, { order, id: here.world.payments[0].id });
  }

  story('l: cash that covers the sale does not silently drop a waiting card', async () => {
    const here = await covered();
    const validating = here.page.validate(here.order);
    await settled();
    here.dialogs.question.answer('keep');
    await validating;
    assert.equal(here.order.finalized, false);
    assert.equal(here.page.lines.length, 2);
    here.world.answer(here.id);
    await settled();
    await here.page.validate(here.order);
    await books(here, 600);
  });

  if (odoo.fast) {
    story('l: nor does a payment of one press on the product screen', async () => {
      const here = await covered();
      const validating = odoo.fast(here.page, here.order, here.cash);
      await settled();
      here.dialogs.question.answer('keep');
      assert.equal(await validating, false);
      assert.equal(here.order.finalized, false);
      assert.equal(here.page.statusOf(here.page.lines[1]), 'waitingCard');
    });
  }

  story('a partial payment and a tip: the line has what was paid', async () => {
    const here = await shop();
    here.world.next({ paid: 500 });
    const order = here.page.sale(10);
    const line = await here.page.pay(order, here.card);
    await settled();
    assert.equal(line.amount, 5);
    assert.match(here.dialogs.told[0].body, /5.00 € less than asked/);
    here.world.become('lost');
    here.world.become('ready');
    await settled();
    assert.equal(here.world.payments[0].acknowledged, false, 'a line of an open order is no record');
    await here.page.pay(order, here.card);
    await books(here, 500, 500);

    here.world.next({ paid: 1100 });
    const tipped = await here.page.pay(here.page.sale(10), here.card);
    await settled();
    assert.equal(tipped.amount, 11);
    assert.match(here.dialogs.told[1].body, /1.00 € of it is a tip.*change/);
  });

  story('a tip goes on the order where the shop has a tip product', async () => {
    const here = await shop({ config: { iface_tipproduct: true, tip_product_id: 3 } });
    here.world.next({ paid: 1100 });
    await here.page.pay(here.page.sale(10), here.card);
    await books(here, 1100);
    assert.match(here.dialogs.told[0].body, /on the order/);
  });

  story('cheques and vouchers are asked of the terminal; several terminals are told apart', async () => {
    for (const means of ['cheque', 'ancv']) {
      const here = await shop({ methods: { caisse_relay_means: means, caisse_relay_terminal: 'bar' } });
      await here.page.pay(here.page.sale(10), here.card);
      await books(here, 1000);
      assert.deepEqual([here.world.heard[0].means, here.world.heard[0].terminal], [means, 'bar']);
    }
  });

  story('another point of sale has a terminal: this one has no relay for it, nor gets its payments back with its method', async () => {
    const bar = { id: 9, name: 'Bar', use_payment_terminal: 'caisse_relay', caisse_relay_terminal: 'bar' };
    const none = await shop({ methods: { use_payment_terminal: false }, others: [bar] });
    assert.equal(none.page.till, null);
    const here = await waiting({ methods: { caisse_relay_terminal: 'bar' }, others: [bar] });
    here.page.press('Delete', here.line);
    await settled();
    here.dialogs.question.answer('remove');
    await settled();
    here.world.answer(here.id);
    await settled();
    here.dialogs.question.answer('restore');
    await settled();
    assert.equal(here.page.statusOf(here.page.lines[0]), 'done');
    await here.page.validate(here.order);
    await books(here, 9999);
    assert.deepEqual(here.server.payments.map(({ payment_method_id, method }) => payment_method_id ?? method), [here.card.id]);
  });

  story('without automatic send the amount can be changed first', async () => {
    const here = await shop({ methods: { caisse_relay_auto_send: false } });
    const order = here.page.sale(10);
    const line = await here.page.pay(order, here.card);
    await settled();
    assert.equal(here.world.payments.length, 0);
    line.amount = 4;
    await here.page.press('Send', line);
    await settled();
    assert.deepEqual(here.world.ledger.map(({ amount }) => amount), [400]);
  });

  story('the relay forgot it: nothing was sent, and the line can be paid', async () => {
    const here = await waiting();
    here.world.payments.length = 0;
    const page = await here.open();
    const [line] = page.lines;
    assert.equal(page.statusOf(line), 'retry');
    assert.match(here.dialogs.told[0].body, /jamais arrivée au relais/);
    await page.press('Retry', line);
    await books(here, 9999);
  });

  story('the relay\'s address is changed while a payment waits: the payment goes on', async () => {
    const here = await waiting();
    here.page.till.relays.save({ url: 'caisse-relay.local', till: '' });
    here.page.till.relays.of();
    await settled();
    assert.equal(here.page.statusOf(here.line), 'waitingCard');
    here.world.answer(here.id);
    await settled();
    assert.equal(here.page.statusOf(here.line), 'done');
    await here.page.validate(here.order);
    await books(here, 9999);
  });

  story('something breaks in the page: the till is not blocked, and Retry only asks', async () => {
    const here = await shop();
    const { ask } = here.page.till.shop;
    here.page.till.shop.ask = () => Promise.reject(new Error('a broken dialog'));
    here.world.next({ outcome: 'unknown', charges: true });
    const order = here.page.sale(10);
    const line = await here.page.pay(order, here.card);
    await settled();
    assert.equal(here.page.statusOf(line), 'force_done');
    assert.equal(here.page.pos.paymentTerminalInProgress, false);
    here.page.till.shop.ask = ask;
    here.page.press('Retry', line);
    await settled();
    here.dialogs.question.answer('yes');
    await books(here, 1000);
  });

  story('a second card line while a first one is in doubt asks about the first', async () => {
    const here = await shop();
    here.world.next({ outcome: 'unknown', charges: true });
    const order = here.page.sale(50);
    const line = await here.page.pay(order, here.card);
    await settled();
    here.dialogs.question.answer('later');
    await settled();
    here.page.press('Delete', line);
    await settled();
    here.dialogs.question.answer('remove');
    await settled();
    await here.page.pay(order, here.card);
    await settled();
    assert.equal(here.world.ledger.length, 1, 'the second was refused');
    assert.match(here.dialogs.question.body, /Do not take the card again/);
    here.dialogs.question.answer('yes');
    await settled();
    here.dialogs.question.answer('restore');
    await settled();
    await here.page.validate(order);
    await books(here, 5000);
  });
}
