// What a payment from a public site must do in every browser. Each engine tells
// these stories in its own way to open a tab.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, PERSON } from './shop.js';
import { Pos, serveSite } from './site.js';

/**
 * @param {string} engine its name for people
 * @param {(t: any, world: { shop: any, site: any }) => Promise<(t: any) => Promise<any>>} start starts a browser that trusts
 *   the relay and may reach it; what it returns opens a tab that remembers nothing of the others
 */
export function tellPaymentStories(engine, start) {
  test(engine, { timeout: 180_000 }, async (t) => {
    const site = await serveSite(t);
    const shop = await open(t, { origins: [site.origin] });
    const browse = await start(t, { shop, site });
    for (const [name, play] of stories({ site, shop, browse })) await t.test(name, { timeout: 60_000 }, play);
  });
}

/** @returns {Generator<[name: string, play: (t: any) => Promise<void>]>} */
function* stories({ site, shop: known, browse }) {
  yield ['approved: one charge, recorded once', async (t) => {
    const { shop, pos } = await counter(t);
    await pos.asks(1250);
    await pos.shows({ outcome: 'approved', charged: 'yes' });
    await pos.hasRecorded();
    assert.equal((await shop.terminal.onlyCharge()).amount, 1250);
    const { till, acknowledged } = await shop.onlyPayment();
    assert.deepEqual([till, acknowledged], ['Caisse 1', true]);
  }];

  yield ['declined: nothing charged', async (t) => {
    const { shop, pos } = await counter(t, { steps: ['outcome = "decline"'] });
    await pos.asks(1250);
    await pos.shows({ outcome: 'declined', charged: 'no' });
    await pos.hasRecorded();
    assert.deepEqual(await shop.terminal.charges(), []);
    assert.equal((await shop.onlyPayment()).outcome, 'declined');
  }];

  yield ['no terminal there: not sent, and nothing to doubt', async (t) => {
    const { shop, pos } = await counter(t, { port: 1 });
    await pos.asks(1250);
    await pos.shows({ outcome: 'not_sent', charged: 'no' });
    await pos.hasRecorded();
    assert.deepEqual(await shop.terminal.operations(), []);
  }];

  yield ['the answer is lost: unknown, then a person reads the ticket', async (t) => {
    const { shop, pos } = await counter(t, { steps: ['outcome = "close"'] });
    await pos.asks(1250);
    await pos.shows({ phase: 'closed', outcome: 'unknown', charged: 'maybe' });
    await pos.tab.evaluate('pos.resolve("yes")');
    await pos.shows({ outcome: 'unknown', charged: 'yes' });
    await pos.hasRecorded();
    await shop.terminal.onlyCharge();
    const { outcome, resolved, acknowledged } = await shop.onlyPayment();
    assert.deepEqual([outcome, resolved.charged, resolved.by, acknowledged], ['unknown', 'yes', 'Camille', true]);
  }];

  yield ['reload while the customer pays: found again, and approved', async (t) => {
    const { shop, pos } = await counter(t, { steps: [PERSON] });
    await pos.asks(1250);
    await pos.waitsForCard();
    await pos.tab.reload();
    await pos.waitsForCard();
    await shop.terminal.press('chip');
    await pos.shows({ phase: 'closed', outcome: 'approved' });
    await pos.hasRecorded();
    await shop.terminal.onlyCharge();
    assert.equal((await shop.onlyPayment()).acknowledged, true);
  }];

  yield ['relay killed while the customer pays, and started again: unknown, never sent twice', async (t) => {
    const { shop, pos } = await counter(t, { steps: [PERSON] });
    await pos.asks(1250);
    await pos.waitsForCard();
    await shop.terminal.shows('card');
    await shop.killRelay();
    await pos.is('absent');
    await pos.shows({ phase: 'waiting' });
    await shop.terminal.press('chip');
    await shop.restartRelay();
    await pos.is('ready', 40_000);
    await pos.shows({ phase: 'closed', outcome: 'unknown', charged: 'maybe' });
    await shop.terminal.onlyCharge();
    assert.equal((await shop.onlyPayment()).reason, 'relay_restarted');
  }];

  async function counter(t, options) {
    const shop = await open(t, { origins: [site.origin], like: known, ...options });
    site.sell(shop.relay);
    const pos = new Pos(await browse(t), site.origin);
    await pos.opens();
    await pos.is('ready');
    return { shop, pos };
  }
}
