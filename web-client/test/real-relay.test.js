// The client against the real program and its simulated terminal. Skipped without CAISSE_RELAY_BIN.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import WS from 'ws';
import { connect } from '../caisse-relay.js';

const BIN = process.env.CAISSE_RELAY_BIN;
const real = { skip: BIN ? false : 'CAISSE_RELAY_BIN is not set', timeout: 60_000 };
const order = { amount: 1250, currency: 'EUR' };

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

async function shop(t, { between, steps, settings = '' } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'caisse-relay-client-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const ledger = join(folder, 'ledger.jsonl');
  const script = join(folder, 'script.toml');
  if (steps) await writeFile(script, steps.map((step) => `[[step]]\n${step}\n`).join(''));
  const plays = steps ? ['--script', script] : [];
  const { address } = await start(t, ['simulate', '--listen', '127.0.0.1:0', '--ledger', ledger, ...plays, '--json'], 'listening');
  const port = Number(address.split(':').at(-1));
  const config = join(folder, 'config.toml');
  const terminal = `[[terminals]]\nname = "comptoir"\nlabel = "Comptoir"\naddress = "127.0.0.1"\nport = ${port}\n${settings}\n`;
  await writeFile(config, `listen = "127.0.0.1:0"\ndata_dir = ${JSON.stringify(join(folder, 'data'))}\n\n${terminal}`);
  const relay = await start(t, ['run', '--config', config, '--json'], 'listening');
  const ca = await readFile(relay.ca);
  const url = between ? await between(relay.url) : relay.url;
  const map = new Map();
  const store = { get: (key) => map.get(key), set: (key, value) => map.set(key, value), remove: (key) => map.delete(key) };
  const WebSocket = class extends WS {
    constructor(address, protocols) {
      // As a page of the relay itself: its origin has the host and port that it was reached by.
      super(address, protocols, { ca, origin: `https://${new URL(String(address)).host}` });
    }
  };
  const open = async (options) => {
    const till = connect({ url, till: 'Caisse 1', store, WebSocket, ...options });
    t.after(() => till.close());
    await ready(till);
    return till;
  };
  return { till: await open(), open, ledger };
}

function ready(till) {
  if (till.state === 'ready') return Promise.resolve();
  return new Promise((resolve, reject) => {
    till.on('state', ({ state, message, detail }) => {
      if (state === 'ready') resolve();
      if (state === 'not_allowed' || state === 'old_relay') reject(new Error(`${message} ${detail}`));
    });
  });
}

/** How many times the simulated terminal charged, from its own ledger. */
async function operations(ledger) {
  const text = await readFile(ledger, 'utf8').catch(() => '');
  return text.split('\n').filter(Boolean).length;
}

test('a payment is approved, told once more until acknowledged, then no more', real, async (t) => {
  const { till, open, ledger } = await shop(t);
  assert.deepEqual(till.terminals.map(({ name }) => name), ['comptoir']);
  const seen = new Set();
  const payment = await till.pay({ ...order, onProgress: ({ step, phase }) => seen.add(step ?? phase) });
  assert.equal(payment.outcome, 'approved');
  assert.equal(payment.charged, 'yes');
  assert.equal(payment.paid, 1250);
  assert.ok(seen.has('closed'));
  assert.equal(await operations(ledger), 1);

  const second = await open();
  assert.deepEqual((await second.unacknowledged()).map(({ id }) => id), [payment.id]);
  assert.equal((await second.acknowledge(payment.id)).acknowledged, true);
  assert.equal((await second.acknowledge(payment.id)).acknowledged, true);
  assert.deepEqual(await second.unacknowledged(), []);
  assert.deepEqual(await second.pending(), []);
});

test('the same id is the same payment, and is not charged again', real, async (t) => {
  const { till, ledger } = await shop(t);
  const first = await till.pay({ ...order, id: 'same' });
  const second = await till.pay({ ...order, id: 'same' });
  assert.equal(first.seq, second.seq);
  assert.equal(await operations(ledger), 1);
  await assert.rejects(till.pay({ ...order, id: 'same', amount: 2 }), { code: 'id_reused', refused: true });
});

test('refusals have their code and a sentence', real, async (t) => {
  const { till, ledger } = await shop(t);
  await assert.rejects(till.pay({ ...order, amount: 0 }), { code: 'bad_amount', refused: true });
  await assert.rejects(till.pay({ ...order, currency: 'EURO' }), { code: 'bad_currency', refused: true });
  await assert.rejects(till.pay({ ...order, terminal: 'nowhere' }), { code: 'unknown_terminal', refused: true });
  await assert.rejects(till.pay({ ...order, refernce: 'x' }), { code: 'bad_message', refused: true });
  await assert.rejects(till.payment('never'), { code: 'unknown_payment', refused: true });
  await assert.rejects(till.resume('never'), { code: 'not_received', refused: false });
  assert.deepEqual(await till.pending(), []);
  assert.equal(await operations(ledger), 0);
});

test('the terminal says who it is', real, async (t) => {
  const { till } = await shop(t);
  assert.equal((await till.identify('comptoir')).state, 'ready');
});

test('a wire cut after `pay`: the outcome is asked by id, and the card charged once', real, async (t) => {
  const wires = [];
  const between = (url) => cable(t, url, wires);
  const { till, ledger } = await shop(t, { between });
  const payment = await till.pay({
    ...order,
    onProgress: ({ phase }) => phase === 'waiting' && wires.splice(0).forEach((wire) => wire.destroy()),
  });
  assert.equal(payment.outcome, 'approved');
  assert.equal(await operations(ledger), 1);
});

test('a sale in doubt is not paid again, unless a person knows of the first', real, async (t) => {
  const { till, ledger } = await shop(t, { steps: ['outcome = "close"', 'outcome = "approve"'] });
  const sale = { ...order, reference: 'T-1' };
  const first = await till.pay(sale);
  assert.equal(first.outcome, 'unknown');
  await assert.rejects(till.pay(sale), { code: 'possible_double_charge', first: first.id, refused: true });
  await assert.rejects(till.pay({ ...sale, despite: 'another' }), { code: 'possible_double_charge', first: first.id });
  assert.equal(await operations(ledger), 1);
  assert.equal((await till.pay({ ...sale, despite: first.id })).outcome, 'approved');
  assert.equal(await operations(ledger), 2);
  assert.equal((await till.resolve(first.id, { charged: 'yes', by: 'Zoé' })).charged, 'yes');
});

test('a terminal that does not answer is held, and a person frees it', real, async (t) => {
  const steps = ['outcome = "silence"', 'outcome = "approve"'];
  const { till, open } = await shop(t, { steps, settings: 'answer_s = 1' });
  await assert.rejects(till.release('comptoir', 'Zoé'), { code: 'not_held', refused: true });
  const first = await till.pay({ ...order, id: 'silent' });
  assert.deepEqual([first.outcome, first.reason], ['unknown', 'silence']);
  const second = await open({ till: 'Caisse 2' });
  await assert.rejects(second.pay(order), ({ code, heldBy }) => code === 'terminal_busy' && heldBy.payment === 'silent');
  await second.release('comptoir', 'Zoé');
  await assert.rejects(second.release('comptoir', 'Zoé'), { code: 'not_held' });
  assert.equal((await till.payment('silent')).charged, 'maybe', 'free is not settled');
  assert.notEqual((await second.pay(order)).reason, 'terminal_busy');
});

test('a late answer against what a person said: the page is told of both', real, async (t) => {
  const { till } = await shop(t, { steps: ['outcome = "approve"\ndelay_ms = 2500'], settings: 'answer_s = 1' });
  const { id, outcome } = await till.pay(order);
  assert.equal(outcome, 'unknown');
  const late = new Promise((resolve) => till.on('payment', (payment) => payment.late && resolve(payment)));
  await till.acknowledge(id, 'unknown');
  assert.equal((await till.resolve(id, { charged: 'no', by: 'Zoé' })).charged, 'no');
  const told = await late;
  assert.deepEqual([told.outcome, told.charged, told.resolved.charged, told.contradicted], ['approved', 'yes', 'no', true]);
  assert.equal(told.acknowledged, false);
  await assert.rejects(till.acknowledge(id, 'unknown'), { code: 'outcome_changed', refused: true });
  assert.equal((await till.acknowledge(id, 'approved')).acknowledged, true);
});

/** A cable that a test can cut: plain TCP in between, the certificate stays the relay's. */
async function cable(t, url, wires) {
  const { hostname, port } = new URL(url);
  const server = createServer((near) => {
    const far = createConnection(Number(port), hostname);
    for (const [from, to] of [[near, far], [far, near]]) {
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
    wires.push(near);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => server.close());
  return url.replace(`:${port}`, `:${server.address().port}`);
}
