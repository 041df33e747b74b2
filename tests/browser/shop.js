// A shop for one test: a terminal, a relay, and browsers that trust it as a
// person's would, through a certificate store. Nothing anywhere ignores a certificate.
//
//   const shop = await open(t, { steps: ['outcome = "approve"'] });
//   const till = await shop.till();
//   await till.asks(1250);
//   await till.sees({ outcome: 'approved' });

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { kill, RELAY, run, start } from './programs.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
/** How long a state may take to come, on a slow machine. */
const PATIENCE = 15_000;

/** A test with an end, even when nothing moves any more. */
export function story(name, play, options = {}) {
  test(name, { timeout: 60_000, ...options }, play);
}

/** Approved when a test presses `terminal.press('chip')`, refused by 'red'. */
export const PERSON = 'outcome = "person"';

/**
 * @param {import('node:test').TestContext} t
 * @param {{ steps?: string[], origins?: string[], port?: number, patience?: number }} [options] `steps`: the bodies
 *   of the terminal's [[step]]s; `port`: another terminal than the simulated one; `patience`: seconds for its answer
 */
export async function open(t, { steps = ['outcome = "approve"'], origins = [], port, patience = 180 } = {}) {
  const folder = await temporary(t);
  const terminal = await openTerminal(t, folder, steps);
  const config = join(folder, 'caisse-relay.toml');
  await writeFile(config, [
    'listen = "127.0.0.1:0"',
    'data_dir = "data"',
    `allow_origins = ${JSON.stringify(origins)}`,
    '[[terminals]]',
    'name = "comptoir"',
    'label = "Comptoir"',
    'address = "127.0.0.1"',
    `port = ${port ?? terminal.port}`,
    `answer_s = ${patience}`,
  ].join('\n'));
  const shop = new Shop(t, config, terminal);
  await shop.startRelay();
  return shop;
}

class Shop {
  constructor(t, config, terminal) {
    Object.assign(this, { t, config, terminal });
  }

  async startRelay(listen = '127.0.0.1:0') {
    this.relay = await start(this.t, ['run', '--config', this.config, '--listen', listen, '--json']);
    this.host = new URL(this.relay.page).host;
  }

  killRelay() {
    return kill(this.relay.child);
  }

  /** As a service manager does: it may end what it has begun. */
  stopRelay() {
    this.relay.child.kill('SIGTERM');
  }

  /** On the same port, with the same folder. */
  restartRelay() {
    return this.startRelay(this.host);
  }

  /** The relay's record of payments. */
  async journal() {
    return lines(await run(RELAY, ['journal', 'export', '--format', 'json', '--config', this.config]));
  }

  /** The one payment that the relay knows. */
  async onlyPayment() {
    const payments = await this.journal();
    assert.equal(payments.length, 1);
    return payments[0];
  }

  /** A browser whose store holds these authorities, the relay's unless said. */
  browser({ trusts = [this.relay.ca], flags = [] } = {}) {
    return openBrowser(this.t, trusts, flags);
  }

  /** The demonstration till, ready. */
  async till({ browser, ...options } = {}) {
    browser ??= await this.browser();
    const page = await newPage(browser, options);
    await page.goto(`https://${this.host}/demo/`);
    const till = new Till(page);
    await till.isConnected();
    return till;
  }
}

/** The demonstration till, in the words of the stories. */
export class Till {
  constructor(page) {
    this.page = page;
  }

  part(name) {
    return this.page.getByTestId(name);
  }

  async isConnected() {
    await this.part('connection').and(this.page.locator('[data-state="ready"]')).waitFor();
  }

  async isDisconnected() {
    await this.part('connection').and(this.page.locator('[data-state="disconnected"]')).waitFor();
  }

  /** @param {number} cents @param {'pay' | 'refund' | 'cancellation'} [button] */
  async asks(cents, button = 'pay') {
    await this.types(cents);
    await this.part(button).click();
  }

  async types(cents) {
    await this.part('amount').fill((cents / 100).toFixed(2));
  }

  /** Clicks the label of a choice: the box itself is drawn by it. */
  async chooses(name) {
    await this.page.locator('label', { has: this.part(name) }).click();
  }

  /** Waits for a state of the payment; `data-` attributes of the page, by name. */
  async sees(state) {
    const wanted = Object.entries(state).map(([name, value]) => `[data-${name}="${value}"]`).join('');
    const status = this.part('status');
    try {
      await status.and(this.page.locator(wanted)).waitFor();
    } catch (cause) {
      const seen = await status.evaluate((element) => ({ ...element.dataset, text: element.innerText }));
      throw new Error(`waited for ${wanted}, the page shows ${JSON.stringify(seen)}`, { cause });
    }
  }

  waitsForCard() {
    return this.sees({ phase: 'waiting', step: 'sent' });
  }

  /** Waits until the page has acknowledged every payment it started. */
  async hasAcknowledged() {
    await this.page.waitForFunction(() => !localStorage.getItem('caisse-relay.pending'));
  }

  /** @param {string} name @returns {Promise<string>} the text of a part, without special spaces */
  async reads(name) {
    return (await this.part(name).innerText()).replace(/\s/g, ' ');
  }

  /** @param {'yes' | 'no'} charged what the terminal's ticket says */
  async settles(charged, by = 'Camille') {
    await this.part('settle-by').fill(by);
    await this.part(`settle-${charged}`).click();
    await this.part('settle').waitFor({ state: 'hidden' });
  }
}

/** The simulated terminal. */
class Terminal {
  constructor(listening, ledger) {
    this.port = Number(new URL(`tcp://${listening.address}`).port);
    this.screen = listening.screen;
    this.ledger = ledger;
  }

  /** Every payment it was asked for, charged or not. */
  async operations() {
    return lines(await readFile(this.ledger, 'utf8'));
  }

  async charges() {
    return (await this.operations()).filter(({ charged }) => charged);
  }

  async onlyCharge() {
    const operations = await this.operations();
    assert.equal(operations.length, 1);
    assert.equal(operations[0].charged, true);
    return operations[0];
  }

  /** Waits until its screen shows one of these: 'card', 'working', 'approved', 'declined'. */
  async shows(...phases) {
    for (let seen = ''; ; ) {
      const display = await (await fetch(`${this.screen}display?seen=${seen}`)).json();
      if (phases.includes(display.phase)) return display;
      seen = display.version;
    }
  }

  /** What the cardholder does: 'chip', 'contactless', 'refuse', 'red'. Resolves once it is in the ledger. */
  async press(key) {
    const { transaction } = await this.shows('card');
    const headers = { origin: new URL(this.screen).origin };
    const answer = await fetch(`${this.screen}press/${transaction}/${key}`, { method: 'POST', headers });
    assert.equal(answer.status, 204, await answer.text());
    await this.shows('approved', 'declined');
  }
}

async function openTerminal(t, folder, steps) {
  const [script, ledger] = [join(folder, 'script.toml'), join(folder, 'ledger.jsonl')];
  await writeFile(script, steps.map((step) => `[[step]]\n${step}\n`).join('\n'));
  const places = ['--listen', '127.0.0.1:0', '--screen', '127.0.0.1:0'];
  return new Terminal(await start(t, ['simulate', ...places, '--script', script, '--ledger', ledger, '--json']), ledger);
}

/** A browser whose store holds these authorities; with the same `home`, the same browser started again. */
export async function openBrowser(t, authorities, flags = [], home = undefined) {
  home ??= await temporary(t);
  const store = join(home, '.local/share/pki/nssdb');
  await mkdir(store, { recursive: true });
  if (!existsSync(join(store, 'cert9.db'))) await run('certutil', ['-d', `sql:${store}`, '-N', '--empty-password']);
  for (const [index, file] of authorities.entries()) {
    await run('certutil', ['-d', `sql:${store}`, '-A', '-t', 'C,,', '-n', `authority ${index}`, '-i', file]);
  }
  const { XDG_DATA_HOME, ...env } = process.env;
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...flags], env: { ...env, HOME: home } });
  t.after(() => browser.close());
  return browser;
}

export async function newPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(PATIENCE);
  return context.newPage();
}

export async function temporary(t) {
  const folder = await mkdtemp(join(tmpdir(), 'caisse-relay-e2e-'));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

function lines(text) {
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}
