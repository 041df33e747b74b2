// The relay's own page, in words that every engine knows: a tab that goes to an
// address and evaluates a script.

import assert from 'node:assert/strict';
import { request } from 'node:https';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { RELAY, run } from './programs.js';
import { PATIENCE } from './shop.js';

/** The address that `caisse-relay page` opens, with the key. */
export async function link(shop) {
  const printed = await run(RELAY, ['page', '--print', '--config', shop.config, '--relay', shop.host]);
  return printed.trim();
}

/** A payment of another till, whatever becomes of it. */
export async function pays(shop, cents, ...more) {
  const amount = (cents / 100).toFixed(2);
  const words = ['pay', '--amount', amount, '--config', shop.config, '--relay', shop.host, '--json', ...more];
  await run(RELAY, words).catch((error) => assert.match(error.message, /ended with [345]/));
}

/** A page of this origin asks to come in. */
export async function knocks(shop, origin) {
  const headers = {
    origin, connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.from('0123456789abcdef').toString('base64'), 'sec-websocket-protocol': 'caisse-relay.v1',
  };
  const ca = await readFile(shop.relay.ca);
  await new Promise((done, fail) => {
    const asked = request(`https://${shop.host}/till`, { ca, headers }, fail);
    asked.on('upgrade', (_, socket) => done(socket.destroy())).on('error', fail).end();
  });
}

export class StatusPage {
  constructor(tab, shop) {
    Object.assign(this, { tab, shop });
  }

  /** Opened as a person does, and connected. */
  static async open(tab, shop) {
    const page = new StatusPage(tab, shop);
    await tab.goto(await link(shop));
    await page.shows('connection', { state: 'ready' });
    await page.shows('verdict-title', {});
    return page;
  }

  /** Waits until a script is true. @param {string} script */
  async until(script) {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const seen = await this.tab.evaluate(`Boolean(${script})`).catch(() => false);
      if (seen) return;
      if (Date.now() > end) throw new Error(`waited for ${script}; the page shows ${await this.tab.evaluate('document.body.innerText')}`);
      await pause(50);
    }
  }

  /** Waits for a part with these `data-`. @param {string} name @param {Record<string, string>} data @param {string} [inside] */
  async shows(name, data, inside = '') {
    await this.until(`document.querySelector(${part(name, data, inside)})?.checkVisibility()`);
  }

  /** Waits for words in a part. @param {string} name @param {string | RegExp} words */
  async says(name, words) {
    const wanted = words instanceof RegExp ? `${words}.test(text)` : `text.includes(${JSON.stringify(words)})`;
    await this.until(`[...document.querySelectorAll(${part(name)})].some(({ innerText }) => { const text = innerText.replace(/\\s/g, ' '); return ${wanted}; })`);
  }

  /** @param {string} name @returns {Promise<string>} */
  reads(name) {
    return this.tab.evaluate(`document.querySelector(${part(name)}).innerText.replace(/\\s/g, ' ')`);
  }

  /** @param {string} name @param {string} [inside] */
  async clicks(name, inside = '') {
    const where = `document.querySelector(${part(name, {}, inside)})`;
    await this.until(`${where}?.checkVisibility() && !${where}.disabled && ${where}.getAttribute('aria-disabled') !== 'true'`);
    await this.tab.evaluate(`void ${where}.click()`);
  }

  /** @param {string} name @param {string} text */
  async fills(name, text) {
    await this.until(`document.querySelector(${part(name)})`);
    await this.tab.evaluate(`void (document.querySelector(${part(name)}).value = ${JSON.stringify(text)})`);
  }
}

/** A selector, as a script writes it. */
function part(name, data = {}, inside = '') {
  const states = Object.entries(data).map(([key, value]) => `[data-${key}="${value}"]`);
  return JSON.stringify(`${inside} [data-testid="${name}"]${states.join('')}`.trim());
}
