// The addon with the real relay and its simulated terminal. Skipped without CAISSE_RELAY_BIN.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import WS from 'ws';
import { Dialogs, load, Server, settled, until } from './till.js';

const BIN = process.env.CAISSE_RELAY_BIN;
const real = { skip: BIN ? false : 'CAISSE_RELAY_BIN is not set', timeout: 60_000 };
const { odoo } = await load('19.0');
const { connect } = await import('../pos_caisse_relay/static/src/lib/caisse-relay.js');

/** Starts the program; resolves with its line of this type. */
function start(t, args, type) {
  const child = spawn(BIN, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  t.after(() => child.kill());
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${args[0]} ended with ${code}: ${said}`)));
    createInterface(child.stdout).on('line', (line) => {
      const message = line.startsWith('{') ? JSON.parse(line) : {};
      if (message.type === type) resolve({ ...message, child });
    });
  });
}

async function shop(t, steps = [], settings = '') {
  const folder = await mkdtemp(join(tmpdir(), 'pos-caisse-relay-'));
  const ledger = join(folder, 'ledger.jsonl');
  const script = join(folder, 'script.toml');
  await writeFile(script, steps.map((step) => `[[step]]\n${step}\n`).join(''));
  const plays = steps.length ? ['--script', script] : [];
  const { address } = await start(t, ['simulate', '--listen', '127.0.0.1:0', '--ledger', ledger, ...plays, '--json'], 'listening');
  const config = join(folder, 'config.toml');
  const terminal = `[[terminals]]\nname = "comptoir"\nlabel = "Comptoir"\naddress = "127.0.0.1"\nport = ${address.split(':').at(-1)}\n${settings}\n`;
  await writeFile(config, `listen = "127.0.0.1:0"\ndata_dir = ${JSON.stringify(join(folder, 'data'))}\n\n${terminal}`);
  const run = () => start(t, ['run', '--config', config, '--json'], 'listening');
  const here = { relay: await run(), server: new Server(), browser: new Map(), local: new Map() };
  t.after(() => rm(folder, { recursive: true, force: true }));
  const ca = await readFile(here.relay.ca);
  /** The relay's computer loses power. */
  here.kill = () => new Promise((done) => here.relay.child.once('exit', done) && here.relay.child.kill('SIGKILL'));
  /** It is back, at another port: the page knows both. */
  here.restart = async () => void (here.relay = await run());
  const storage = {
    getItem: (key) => here.local.get(key) ?? null,
    setItem: (key, value) => void here.local.set(key, value),
    removeItem: (key) => void here.local.delete(key),
  };
  const WebSocket = (here.WebSocket = class extends WS {
    constructor(given, protocols) {
      const address = String(given).startsWith('wss://') ? here.relay.url : given;
      // As a page of the relay itself: its origin has the host and port that it was reached by.
      super(address, protocols, { ca, origin: `https://${new URL(address).host}` });
    }
  });
  here.open = async (config = {}) => {
    here.page?.leave();
    here.page?.till.relays.close();
    here.card = { id: 1, name: 'Carte', use_payment_terminal: 'caisse_relay', caisse_relay_auto_send: true };
    here.dialogs = new Dialogs();
    const { server, browser, dialogs } = here;
    here.page = await odoo.open({ server, browser, methods: [here.card], dialogs, config, storage, connect: (options) => connect({ ...options, WebSocket }) });
    const { page } = here;
    t.after(() => page.till.relays.close());
    await until(() => page.till.relays.all.every(({ state }) => state === 'ready'), 'ready');
    return page;
  };
  here.charges = async () => {
    const text = await readFile(ledger, 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean).length;
  };
  /** One charge, one recorded payment, nothing left to tell. */
  here.books = async (count = 1) => {
    await until(() => here.server.byCard.length === count, `${count} recorded`);
    assert.equal(await here.charges(), count, 'charges of the terminal');
    const [relay] = here.page.till.relays.all;
    await until(async () => (await relay.unacknowledged()).length === 0, 'all acknowledged');
    assert.deepEqual(await relay.pending(), []);
  };
  await here.open();
  return here;
}

test('approved: paid, recorded, acknowledged', real, async (t) => {
  const here = await shop(t);
  await here.page.pay(here.page.sale(12.5), here.card);
  await here.books();
  const [payment] = here.server.payments;
  assert.match(payment.transaction_id, /^AA-497010\D+4242\|AC-\d+\|AI-\w+\|CD-0$/);
  assert.equal(payment.amount, 12.5);
});

test('c: the terminal charges and hangs up: a question, an answer, one payment', real, async (t) => {
  const here = await shop(t, ['outcome = "close"', 'outcome = "approve"']);
  const line = await here.page.pay(here.page.sale(12.5), here.card);
  const question = await until(() => here.dialogs.question, 'the question');
  assert.match(question.body, /comptoir/);
  question.answer('later');
  await settled();
  here.page.press('Retry', line);
  (await until(() => here.dialogs.question, 'it again')).answer('yes');
  await here.books();
});

test('d: reloaded while the terminal waits, and approved afterwards', real, async (t) => {
  const here = await shop(t, ['outcome = "approve"\ndelay_ms = 1500']);
  const first = await here.page.pay(here.page.sale(99.99), here.card);
  await until(() => here.page.statusOf(first) === 'waitingCard', 'with the terminal');
  const page = await here.open();
  const [line] = page.lines;
  assert.notEqual(page.statusOf(line), 'done');
  await until(() => page.statusOf(line) === 'done', 'the approval');
  await page.validate(page.pos.orders[0]);
  await here.books();
});

test('e: the relay is killed in the middle and comes back: it does not know, a person does', real, async (t) => {
  const here = await shop(t, ['outcome = "approve"\ndelay_ms = 1000']);
  const line = await here.page.pay(here.page.sale(99.99), here.card);
  await until(() => here.page.statusOf(line) === 'waitingCard', 'with the terminal');
  await here.kill();
  await until(() => here.page.till.relays.all[0].state !== 'ready', 'the loss');
  assert.equal(here.page.statusOf(line), 'waitingCard');
  await here.restart();
  const question = await until(() => here.dialogs.question, 'the question');
  assert.deepEqual(question.names, ['yes', 'no', 'later']);
  await until(here.charges, 'the charge');
  question.answer('yes');
  await here.books();
});

test('f: silence, then a late approval: the question goes away by itself', real, async (t) => {
  const here = await shop(t, ['outcome = "approve"\ndelay_ms = 2500'], 'answer_s = 1');
  await here.page.pay(here.page.sale(99.99), here.card);
  await until(() => here.dialogs.question, 'the question');
  await until(() => !here.dialogs.question, 'the late answer');
  await here.books();
});

test('k: Cancel and Retry while the terminal works: one charge', real, async (t) => {
  const here = await shop(t, ['outcome = "approve"\ndelay_ms = 1500']);
  const line = await here.page.pay(here.page.sale(99.99), here.card);
  await until(() => here.page.statusOf(line) === 'waitingCard', 'with the terminal');
  await here.page.press('Cancel', line);
  assert.equal(here.page.statusOf(line), 'waitingCard');
  here.page.press('Retry', line);
  await here.books();
});

test('l: the line is deleted, the terminal approves: told, and back on the order', real, async (t) => {
  const here = await shop(t, ['outcome = "approve"\ndelay_ms = 1500']);
  const order = here.page.sale(99.99);
  const line = await here.page.pay(order, here.card);
  await until(() => here.page.statusOf(line) === 'waitingCard', 'with the terminal');
  here.page.press('Delete', line);
  (await until(() => here.dialogs.question, 'may it go?')).answer('remove');
  const lost = await until(() => here.dialogs.question?.names.includes('restore') && here.dialogs.question, 'the charge is told');
  lost.answer('restore');
  await until(() => here.page.lines.some((other) => here.page.statusOf(other) === 'done'), 'it is back');
  await here.page.validate(order);
  await here.books();
});

test('g: a refund, and h: a terminal that another till has', real, async (t) => {
  const here = await shop(t, ['outcome = "approve"\ndelay_ms = 1200', 'outcome = "approve"']);
  const refund = await here.page.pay(here.page.sale(-1.25), here.card);
  here.page.press('Refund', refund);
  await until(() => here.page.statusOf(refund) === 'waitingCard', 'with the terminal');
  const second = connect({ url: here.relay.url, till: 'Caisse 2', store: { get: () => null, set: () => {}, remove: () => {} }, WebSocket: here.WebSocket });
  t.after(() => second.close());
  await until(() => second.state === 'ready', 'the second till');
  await assert.rejects(second.pay({ amount: 100, currency: 'EUR' }), ({ code, heldBy }) => code === 'terminal_busy' && heldBy.till === 'Caisse 1');
  await here.books();
  assert.deepEqual(here.server.byCard, [-125]);
});
