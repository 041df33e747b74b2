// The demonstration page for people: by keyboard alone, in two languages, light
// and dark, and as wide as a telephone.

import assert from 'node:assert/strict';
import { newPage, open, PERSON, story, Till } from './shop.js';

story('a payment, and a doubt settled, by keyboard alone', async (t) => {
  const shop = await open(t, { steps: ['outcome = "approve"', 'outcome = "close"'] });
  const till = await shop.till();
  const { keyboard } = till.page;
  await tabTo(till, 'amount');
  await keyboard.type('12,50');
  await keyboard.press('Enter');
  await till.sees({ phase: 'closed', outcome: 'approved' });

  await tabTo(till, 'new-sale');
  await keyboard.press('Enter');
  await till.sees({ phase: 'idle' });
  assert.equal(await focused(till), 'amount');
  await keyboard.type('30');
  await tabTo(till, 'pay');
  await keyboard.press('Space');
  await till.sees({ phase: 'closed', outcome: 'unknown' });

  await tabTo(till, 'settle-current');
  await keyboard.press('Enter');
  assert.equal(await focused(till), 'settle-by');
  await keyboard.type('Camille');
  await tabTo(till, 'settle-no');
  await keyboard.press('Space');
  await till.sees({ outcome: 'unknown', charged: 'no' });
  await till.hasAcknowledged();
  assert.equal((await shop.terminal.operations()).length, 2);
});

story('products and keys make the amount, and the mouse is enough', async (t) => {
  const shop = await open(t);
  const till = await shop.till();
  for (const product of [0, 0, 5]) await till.part(`product-${product}`).click();
  assert.equal(await till.part('amount').inputValue(), '15,10');
  assert.match(await till.reads('lines'), /2 × Baguette tradition/);
  await till.part('key-clear').click();
  for (const key of ['1', '2', '5', '0']) await till.part(`key-${key}`).click();
  assert.equal(await till.part('amount').inputValue(), '12,50');
  await till.part('pay').click();
  await till.sees({ phase: 'closed', outcome: 'approved' });
  assert.equal((await shop.terminal.onlyCharge()).amount, 1250);
});

story('English and French, even in the middle of a payment', async (t) => {
  const shop = await open(t, { steps: [PERSON] });
  const till = await shop.till();
  assert.equal(await till.page.title(), 'Caisse de démonstration');
  await till.asks(1250);
  await till.waitsForCard();
  const french = await till.reads('advice');
  await till.part('language').click();
  await till.page.locator('html[lang="en"]').waitFor();
  await till.waitsForCard();
  assert.equal(await till.reads('title'), 'The customer can pay');
  assert.notEqual(await till.reads('advice'), french);
  await shop.terminal.press('chip');
  await till.sees({ phase: 'closed', outcome: 'approved' });
  assert.equal(await till.reads('title'), 'Payment approved');
  assert.equal(await till.reads('paid'), '€12.50');
  await till.part('language').click();
  await till.page.locator('html[lang="fr"]').waitFor();
  await shop.terminal.onlyCharge();
});

story("light and dark, as the computer says or as the person says", async (t) => {
  const shop = await open(t);
  const till = await shop.till({ colorScheme: 'dark' });
  assert.equal(await isDark(till), true);
  await till.page.emulateMedia({ colorScheme: 'light' });
  assert.equal(await isDark(till), false);
  await till.part('theme').click();
  await till.part('theme').click();
  assert.equal(await isDark(till), true);
  await till.page.reload();
  assert.equal(await isDark(till), true);
});

story('on a telephone the outcome comes into view by itself', async (t) => {
  const shop = await open(t, { steps: [PERSON] });
  const till = await shop.till({ viewport: { width: 360, height: 800 }, reducedMotion: 'reduce' });
  await till.asks(1250);
  await till.waitsForCard();
  await shop.terminal.press('chip');
  await till.sees({ phase: 'closed', outcome: 'approved' });
  const top = await till.part('status').evaluate((element) => element.getBoundingClientRect().top);
  assert.ok(top >= 0 && top < 200, `the outcome is ${top} pixels down`);
});

story('nothing is cut off at 360 pixels, whatever happens', async (t) => {
  const shop = await open(t, { steps: [PERSON, 'outcome = "decline"', 'outcome = "close"'] });
  const till = await shop.till({ viewport: { width: 360, height: 800 } });
  await fits(till);
  await till.asks(99_999_999);
  await till.waitsForCard();
  await fits(till);
  await shop.terminal.press('chip');
  await till.sees({ outcome: 'approved' });
  await fits(till);
  for (const outcome of ['declined', 'unknown']) {
    await till.part('new-sale').click();
    await till.asks(1250);
    await till.sees({ outcome });
    await fits(till);
  }
  await till.part('settle-current').click();
  await fits(till);
});

story('no reason why the relay is not there is cut off at 360 pixels', async (t) => {
  const shop = await open(t);
  const browser = await shop.browser();
  for (const [state, code] of [['not_paired', 4401], ['not_allowed', 4403], ['old_relay', 4406], ['absent', 1013]]) {
    const page = await newPage(browser, { viewport: { width: 360, height: 800 } });
    await page.routeWebSocket(/till$/, (socket) => socket.close({ code }));
    await page.goto(`https://${shop.host}/demo/`);
    const till = new Till(page);
    await till.part('connection').and(page.locator(`[data-state="${state}"]`)).waitFor();
    assert.match(await till.reads('connection-message'), /aucun paiement ne peut partir/);
    assert.notEqual(await till.reads('connection-remedy'), '');
    assert.equal(await till.part('pair-code').isVisible(), state === 'not_paired');
    await fits(till);
    await page.context().close();
  }
});

/** Presses Tab until a part has the focus. */
async function tabTo(till, name) {
  for (let presses = 0; presses < 60; presses += 1) {
    if ((await focused(till)) === name) return;
    await till.page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not reach ${name}`);
}

function focused(till) {
  return till.page.evaluate(() => document.activeElement?.getAttribute('data-testid'));
}

function isDark(till) {
  return till.page.evaluate(() => {
    const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number);
    return red + green + blue < 3 * 128;
  });
}

async function fits(till) {
  const { width, room } = await till.page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    room: document.documentElement.clientWidth,
  }));
  assert.equal(width, room);
}
