// A cashier's page, in the words of the stories, whatever it is made of: the demonstration till, the Web Component, or
// an example. Each face knows where its page shows what.

import assert from 'node:assert/strict';
import { serve } from '../../web-client/examples/serve.js';
import { newPage, Till } from './shop.js';

/** The examples, as a site of this computer. */
export async function serveExamples(t) {
  const { origin, stop } = await serve();
  t.after(stop);
  return origin;
}

/** Opens an example's page on a relay. @param {'vanilla' | 'react' | 'vue' | 'component' | 'script'} name */
export async function openExample(shop, origin, name, { browser, ...options } = {}) {
  browser ??= await shop.browser();
  const page = await newPage(browser, options);
  await page.goto(`${origin}/${name}/?relay=${encodeURIComponent(shop.relay.url)}`);
  const counter = ['component', 'script'].includes(name) ? new Dialog(page) : new Example(page);
  await counter.isConnected();
  return counter;
}

class Counter {
  /** What the relay calls it. */
  name = 'Caisse 1';

  constructor(page) {
    this.page = page;
  }

  part(name) {
    return this.page.getByTestId(name);
  }

  async types(cents) {
    await this.part('amount').fill((cents / 100).toFixed(2));
  }

  async asks(cents) {
    await this.types(cents);
    await this.part('pay').click();
  }

  /** Waits until a payment that moved money is on the page's record. */
  async waitsForRecord() {
    await this.part('books').locator('li[data-charged="yes"]').waitFor();
  }

  waitsForCard() {
    return this.sees({ stage: 'waiting', step: 'sent' });
  }

  /** Waits until the page has nothing left to acknowledge. */
  async hasAcknowledged() {
    await this.page.waitForFunction(() => !localStorage.getItem('caisse-relay.pending'));
  }

  /** What the page has on record: whether each payment moved money. */
  async recorded() {
    return this.part('books').locator('li').evaluateAll((lines) => lines.map(({ dataset }) => dataset.charged));
  }

  async waitsFor(element, state) {
    const wanted = Object.entries(state).map(([name, value]) => `[data-${name}="${value}"]`).join('');
    try {
      await element.and(this.page.locator(wanted)).waitFor({ state: 'attached' });
    } catch (cause) {
      const seen = await element.evaluate((one) => ({ ...one.dataset, text: one.innerText }));
      throw new Error(`waited for ${wanted}, the page shows ${JSON.stringify(seen)}`, { cause });
    }
  }
}

/** A page with its own buttons: vanilla, React, Vue. */
class Example extends Counter {
  async isConnected() {
    await this.page.locator('[data-testid="pay"]:enabled').waitFor();
  }

  sees(state) {
    return this.waitsFor(this.part('stage'), state);
  }

  async settles(charged, by = 'Camille') {
    await this.part('by').fill(by);
    await this.part(`settle-${charged}`).click();
  }

  cancels() {
    return this.part('cancel').click();
  }

  /** Puts what is shown away, where the page asks for it. */
  async next() {
    const button = this.part('next');
    if (await button.isVisible()) await button.click();
  }

  async cannotPay() {
    assert.equal(await this.part('pay').isDisabled(), true);
  }
}

/** A page with <caisse-relay-payment>. Playwright looks into its shadow. */
export class Dialog extends Counter {
  /** A part of the dialog. */
  inside(name) {
    return this.page.locator(`caisse-relay-payment #${name}`);
  }

  async isConnected() {
    await this.page.waitForFunction(() => document.querySelector('caisse-relay-payment')?.view?.ready);
  }

  /** @param {number} cents @param {'debit' | 'refund' | 'cancellation'} [operation] */
  async asks(cents, operation = 'debit') {
    await this.page.locator('caisse-relay-payment').evaluate((element, operation) => element.setAttribute('operation', operation), operation);
    await super.asks(cents);
  }

  /** Whatever the page and the keyboard can do to pay once more, from behind the dialog too. */
  async insists(cents) {
    await this.cannotPay();
    const started = await this.page.locator('caisse-relay-payment').evaluate(async (element, cents) => {
      element.amount = cents;
      document.querySelector('form').requestSubmit();
      return element.pay();
    }, cents);
    assert.equal(started, null);
    for (const key of ['Enter', 'Escape', 'Escape', 'Enter']) await this.page.keyboard.press(key);
    await this.cannotPay();
  }

  sees(state) {
    return this.waitsFor(this.inside('dialog'), state);
  }

  async settles(charged, by = 'Camille') {
    await this.inside('by').fill(by);
    await this.inside(charged).click();
  }

  cancels() {
    return this.inside('cancel').click();
  }

  /** Puts what is shown away. */
  async next() {
    await this.inside('done').or(this.inside('close')).filter({ visible: true }).click();
    await this.sees({ stage: 'idle' });
  }

  async reads(name) {
    return (await this.inside(name).innerText()).replace(/\s/g, ' ');
  }

  /** The dialog lies over the page: nothing behind it can be pressed, and it offers no second payment. */
  async cannotPay() {
    for (const name of ['start', 'again', 'insist']) assert.equal(await this.inside(name).isVisible(), false, name);
    // A browser without `closedby` closes it at the second Escape, and it opens again.
    await this.page.waitForFunction(() => document.querySelector('caisse-relay-payment').isOpen);
  }
}

/** The demonstration till, in the same words. */
export class Demo extends Till {
  name = 'Caisse démo';

  static async open(shop, browser) {
    return new Demo((await shop.till({ browser })).page);
  }

  /** @param {number} cents @param {'debit' | 'refund' | 'cancellation'} [operation] */
  asks(cents, operation = 'debit') {
    return super.asks(cents, operation === 'debit' ? 'pay' : operation);
  }

  async sees({ stage, ...state }) {
    const closed = { phase: 'closed', outcome: stage };
    const phases = { idle: { phase: 'idle' }, waiting: { phase: 'waiting' }, refused: { phase: 'refused' }, settled: { phase: 'closed', outcome: 'unknown' } };
    return super.sees({ ...(phases[stage] ?? closed), ...(stage === 'unknown' ? { charged: 'maybe' } : {}), ...state });
  }

  waitsForCard() {
    return this.sees({ stage: 'waiting', step: 'sent' });
  }

  async settles(charged, by) {
    await this.part('settle-current').click();
    await super.settles(charged, by);
  }

  cancels() {
    return this.part('cancel').click();
  }

  next() {
    return this.part('new-sale').click();
  }

  async cannotPay() {
    assert.equal(await this.part('pay').isDisabled(), true);
  }

  async insists(cents) {
    await this.types(cents);
    await this.cannotPay();
    await this.page.locator('#order').evaluate((form) => form.requestSubmit());
    await this.part('amount').press('Enter');
    await this.cannotPay();
  }

  async waitsForRecord() {
    await this.part('sales').locator('li[data-charged="yes"]').waitFor();
  }

  async recorded() {
    return this.part('sales').locator('li').evaluateAll((lines) => lines.map(({ dataset }) => dataset.charged));
  }
}
