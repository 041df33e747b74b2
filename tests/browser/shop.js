// A shop for one test: a terminal, a relay, and browsers that trust it as a
// person's would, through a certificate store. Nothing anywhere ignores a certificate.
//
//   const shop = await open(t, { steps: ['outcome = "approve"'] });
//   const till = await shop.till();
//   await till.asks(1250);
//   await till.sees({ outcome: 'approved' });

import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { chromium } from './chromium.js';
import { kill, RELAY, run, start } from './programs.js';

/** How long a state may take to come, on a slow machine. */
export const PATIENCE = 15_000;

/** A test with an end, even when nothing moves any more. */
export function story(name, play, options = {}) {
  test(name, { timeout: 60_000, ...options }, play);
}

/** Approved when a test presses `terminal.press('chip')`, refused by 'red'. */
export const PERSON = 'outcome = "person"';

/**
 * @param {import('node:test').TestContext} t
 * @param {{ steps?: string[], origins?: string[], port?: number, patience?: number, like?: Shop, listen?: string, label?: string, terminals?: boolean, recovery?: string }} [options] `steps`: the bodies
 *   of the terminal's [[step]]s; `port`: another terminal than the simulated one; `patience`: seconds for its answer;
 *   `like`: a shop of which the browsers know the authority already; `listen`: else a free port of this computer;
 *   `label`: the terminal's name for people; `terminals`: false for a relay that has none yet;
 *   `recovery`: what the relay asks the terminal after an unknown outcome
 */
export async function open(t, { steps = ['outcome = "approve"'], origins = [], port, patience = 180, like, listen, label = 'Comptoir', terminals = true, recovery = 'none' } = {}) {
  const folder = await temporary(t);
  const keys = like && dirname(like.relay.ca);
  if (keys) await cp(keys, join(folder, 'data', basename(keys)), { recursive: true });
  const terminal = await openTerminal(t, folder, steps);
  const config = join(folder, 'caisse-relay.toml');
  await writeFile(config, [
    `listen = "${listen ?? '127.0.0.1:0'}"`,
    'data_dir = "data"',
    `allow_origins = ${JSON.stringify(origins)}`,
    ...(terminals ? ['[[terminals]]', 'name = "comptoir"', `label = ${JSON.stringify(label)}`, 'address = "127.0.0.1"', `port = ${port ?? terminal.port}`, `answer_s = ${patience}`, `recovery = "${recovery}"`] : []),
  ].join('\n'));
  const shop = new Shop(t, config, terminal, listen);
  await shop.startRelay(listen);
  return shop;
}

class Shop {
  constructor(t, config, terminal, listen) {
    Object.assign(this, { t, config, terminal, listen });
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
    return this.startRelay(this.listen ?? this.host);
  }

  /** What a person asks of the relay that runs, in a terminal of its computer. */
  async says(...words) {
    const env = { ...process.env, CAISSE_RELAY_LISTEN: `127.0.0.1:${new URL(this.relay.url).port}` };
    return lines(await run(RELAY, [...words, '--json', '--config', this.config], env));
  }

  /** A person allows a page that is waiting. */
  async allows(origin) {
    const waiting = (await this.says('origins', 'list')).filter(({ state }) => state === 'waiting');
    assert.deepEqual(waiting.map(({ origin }) => origin), [origin]);
    await this.says('origins', 'allow', origin);
  }

  /** A person asks for a pairing code. */
  async code(...limits) {
    const [{ code }] = await this.says('pair', '--no-wait', ...limits);
    return code;
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
    return chromium(this.t, { trusts, flags });
  }

  /** `certs …` or `browser-policy …` of this relay, on a machine; what became of each place. */
  async prepares(machine, ...words) {
    return lines(await run(RELAY, [...words, '--config', this.config, '--root', machine.root, '--json'], machine.env));
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

  /** At first `lost`; soon `absent`, when the next attempt fails. */
  async isDisconnected() {
    await this.part('connection').and(this.page.locator('[data-state="lost"], [data-state="absent"]')).waitFor();
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

/** A machine of its own: a home, and system folders that lie over the real ones for who is started by `program`. */
export async function openMachine(t) {
  const folder = await temporary(t);
  const [home, root] = [join(folder, 'home'), join(folder, 'root')];
  for (const path of [home, join(root, 'etc'), join(root, 'var/lib')]) await mkdir(path, { recursive: true });
  const env = { HOME: home, XDG_DATA_HOME: '', SUDO_USER: '' };
  /** The program, in a mount namespace of its own: this machine's folders are not changed. */
  const program = async (path) => {
    const file = join(folder, path.split('/').pop());
    const mount = `mount -t overlay overlay -o lowerdir=${root}/etc:/etc /etc`;
    await writeFile(file, `#!/bin/sh\nexec unshare -m sh -c '${mount} && exec ${path} "$@"' sh "$@"\n`, { mode: 0o755 });
    return file;
  };
  return { home, root, env, folder, program };
}

/** Why a story about the system's folders cannot be played here, or false. */
export const noNamespaces = process.getuid() === 0 ? false : 'a mount namespace needs root';

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
