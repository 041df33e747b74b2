// What shops have reported of card payments that were charged twice, lost or shown as errors. Each story ends with one
// charge of the terminal and one recorded payment, whatever the cashier's page is made of.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, PERSON } from './shop.js';

/**
 * @param {string} face its name for people
 * @param {(t: any) => Promise<{ origins: string[], start: (shop: any, browser: any) => Promise<any> }>} prepare what the face needs;
 *   `start` opens its page, connected, in a window that remembers nothing of the others
 */
export function tellCheckoutStories(face, prepare) {
  test(face, { timeout: 300_000 }, async (t) => {
    const { origins, start } = await prepare(t);
    const like = await open(t, { origins });
    const browser = await like.browser();
    const counter = async (t, options = {}) => {
      const shop = await open(t, { origins, like, ...options });
      const till = await start(shop, browser);
      t.after(() => till.page.context().close());
      return { shop, till, second: () => start(shop, browser) };
    };
    for (const [name, play] of stories(counter)) await t.test(name, { timeout: 60_000 }, play);
  });
}

/** One charge, one recorded payment, and nothing that the relay has still to tell. */
async function balanced(shop, till, { charges = 1 } = {}) {
  await till.hasAcknowledged();
  const [moved, recorded, journal] = [await shop.terminal.charges(), await till.recorded(), await shop.journal()];
  assert.equal(moved.length, charges, 'what the terminal charged');
  assert.equal(recorded.filter((charged) => charged === 'yes').length, charges, 'what the page recorded');
  assert.deepEqual(recorded.filter((charged) => charged === 'maybe'), []);
  assert.deepEqual(journal.filter(({ acknowledged }) => !acknowledged), []);
}

/** @returns {Generator<[name: string, play: (t: any) => Promise<void>]>} */
function* stories(counter) {
  for (const split of ['every_byte', 'before_status']) {
    yield [`c: the answer comes in pieces (${split})`, async (t) => {
      const { shop, till } = await counter(t, { steps: [`outcome = "approve"\nsplit = "${split}"\npause_ms = 2`] });
      await till.asks(9999);
      await till.sees({ stage: 'approved' });
      await balanced(shop, till);
    }];
  }

  for (const bytes of [12, 58]) {
    yield [`c: the answer stops after ${bytes} bytes: a person reads the ticket, no second try before`, async (t) => {
      const { shop, till } = await counter(t, { steps: [`outcome = "approve"\nstatus_position = "last"\ncut_at = ${bytes}`] });
      await till.asks(9999);
      await till.sees({ stage: 'unknown' });
      await till.cannotPay();
      await till.settles('yes');
      await till.sees({ stage: 'settled', charged: 'yes' });
      await balanced(shop, till);
    }];
  }

  yield ['d: the page is loaded again, the terminal approves meanwhile', async (t) => {
    const { shop, till } = await counter(t, { steps: [PERSON] });
    await till.asks(9999);
    await till.waitsForCard();
    await till.page.reload();
    await till.waitsForCard();
    await till.cannotPay();
    await shop.terminal.press('chip');
    await till.sees({ stage: 'approved' });
    await balanced(shop, till);
  }];

  yield ['d: loaded again, then given up: it is the same payment', async (t) => {
    const { shop, till } = await counter(t, { steps: [PERSON] });
    await till.asks(9999);
    await till.waitsForCard();
    await till.page.reload();
    await till.waitsForCard();
    await till.cancels();
    await till.cannotPay();
    await shop.terminal.press('chip');
    await till.sees({ stage: 'approved' });
    await balanced(shop, till);
  }];

  yield ['e: the relay is killed while the customer pays', async (t) => {
    const { shop, till } = await counter(t, { steps: [PERSON] });
    await till.asks(9999);
    await till.waitsForCard();
    await shop.terminal.shows('card');
    await shop.killRelay();
    await shop.terminal.press('chip');
    await shop.restartRelay();
    await till.sees({ stage: 'unknown' });
    await till.cannotPay();
    await till.settles('yes');
    await till.sees({ stage: 'settled', charged: 'yes' });
    await balanced(shop, till);
  }];

  yield ['e: the relay is told to stop while the customer pays', async (t) => {
    const { shop, till } = await counter(t, { steps: [PERSON] });
    await till.asks(9999);
    await till.waitsForCard();
    await shop.terminal.shows('card');
    shop.stopRelay();
    await shop.terminal.press('chip');
    await till.sees({ stage: 'approved' });
    // It ends with its last payment, and hears that it is recorded when it is back.
    await shop.killRelay();
    await shop.restartRelay();
    await balanced(shop, till);
  }];

  yield ['e: only the connection of the page breaks, and the terminal approves meanwhile', async (t) => {
    const { shop, till } = await counter(t, { steps: [PERSON] });
    const sockets = [];
    await till.page.routeWebSocket(/till$/, (socket) => {
      socket.connectToServer();
      sockets.push(socket);
    });
    await till.page.reload();
    await till.isConnected();
    await till.asks(9999);
    await till.waitsForCard();
    await sockets.at(-1).close({ code: 1011 });
    await shop.terminal.press('chip');
    await till.sees({ stage: 'approved' });
    assert.ok(sockets.length > 1);
    await balanced(shop, till);
  }];

  yield ['f: the terminal never answers: nobody waits for ever, and it is asked once', async (t) => {
    const { shop, till } = await counter(t, { steps: ['outcome = "silence"'], patience: 1 });
    await till.asks(9999);
    await till.sees({ stage: 'unknown' });
    await till.cannotPay();
    await till.settles('yes');
    await till.sees({ stage: 'settled', charged: 'yes' });
    await shop.terminal.onlyCharge();
    await balanced(shop, till);
  }];

  yield ['f: it answers after the deadline: the doubt goes away by itself', async (t) => {
    const { shop, till } = await counter(t, { steps: ['outcome = "approve"\ndelay_ms = 2500'], patience: 1 });
    await till.asks(9999);
    await till.sees({ stage: 'unknown' });
    await till.sees({ stage: 'approved' });
    await balanced(shop, till);
  }];

  yield ['g: a refund that is refused, and made at the second try', async (t) => {
    const { shop, till } = await counter(t, { steps: ['outcome = "decline"', 'outcome = "approve"'] });
    await till.asks(125, 'refund');
    await till.sees({ stage: 'declined' });
    await till.next();
    await till.asks(125, 'refund');
    await till.sees({ stage: 'approved' });
    await balanced(shop, till);
    assert.deepEqual((await shop.terminal.charges()).map(({ operation, paid }) => [operation, paid]), [['refund', 125]]);
  }];

  yield ['h: two tills, one terminal: the second is told who holds it, and the customer of the first pays', async (t) => {
    const { shop, till, second } = await counter(t, { steps: [PERSON] });
    const other = await second();
    await till.asks(9999);
    await till.waitsForCard();
    await other.asks(500);
    await other.sees({ stage: 'refused', code: 'terminal_busy' });
    assert.match(await other.reads('advice'), new RegExp(till.name));
    await shop.terminal.press('chip');
    await till.sees({ stage: 'approved' });
    await balanced(shop, till);
    assert.deepEqual(await other.recorded(), []);
    await other.page.context().close();
  }];

  yield ['i: five cents are five cents', async (t) => {
    const { shop, till } = await counter(t);
    await till.asks(5);
    await till.sees({ stage: 'approved' });
    assert.equal((await shop.terminal.onlyCharge()).amount, 5);
    await balanced(shop, till);
  }];

  yield ['j: given up, and the terminal approves all the same', async (t) => {
    const { shop, till } = await counter(t, { steps: [PERSON] });
    await till.asks(9999);
    await till.waitsForCard();
    await till.cancels();
    await till.waitsForCard();
    await shop.terminal.press('contactless');
    await till.sees({ stage: 'approved' });
    await balanced(shop, till);
  }];

  yield ['k: given up, then every attempt to pay again before the terminal has answered', async (t) => {
    const { shop, till } = await counter(t, { steps: [PERSON] });
    await till.asks(9999);
    await till.waitsForCard();
    await till.cancels();
    await till.insists(9999);
    await till.page.reload();
    await till.waitsForCard();
    await till.insists(9999);
    await shop.terminal.press('chip');
    await till.sees({ stage: 'approved' });
    assert.equal((await shop.terminal.operations()).length, 1);
    await balanced(shop, till);
  }];

  yield ['l: given up and the page left for another; the terminal approves: the next page says so', async (t) => {
    const { shop, till } = await counter(t, { steps: [PERSON] });
    const { href } = await till.page.evaluate(() => ({ href: location.href }));
    await till.asks(9999);
    await till.waitsForCard();
    await till.cancels();
    await till.page.goto('about:blank');
    await shop.terminal.press('chip');
    await till.page.goto(href);
    await till.waitsForRecord();
    await balanced(shop, till);
  }];
}
