// <caisse-relay-payment> for people and for pages: by keyboard, read aloud, in the page's colours, and nothing lost
// whatever the page forgets. What a payment must do is in checkout-stories.js.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { openExample, serveExamples } from './counters.js';
import { newPage, open, PERSON } from './shop.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** @type {[name: string, play: (t: any) => Promise<void>][]} */
const STORIES = [];
const story = (name, play) => STORIES.push([name, play]);
let known;

async function counter(t, { steps, patience, ...look } = {}) {
  const { origin, like, browser } = known;
  const shop = await open(t, { origins: [origin], like, ...(steps ? { steps } : {}), ...(patience ? { patience } : {}) });
  const till = await openExample(shop, origin, 'component', { browser, ...look });
  t.after(() => till.page.context().close());
  return { origin, shop, browser, till };
}

const element = (till) => till.page.locator('caisse-relay-payment');
const focused = (till) => till.page.evaluate(() => {
  const inside = document.activeElement?.shadowRoot?.activeElement;
  return inside ? inside.id : document.activeElement?.dataset?.testid ?? document.activeElement?.localName;
});

/** Presses Tab until a part of the dialog has the focus; everything on the way is the dialog's. */
async function tabTo(till, name) {
  for (let presses = 0; presses < 30; presses += 1) {
    const now = await focused(till);
    if (now === name) return;
    assert.notEqual(now, 'amount', 'the page behind the dialog has the focus');
    await till.page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not reach ${name}`);
}

story('by keyboard alone: another try, a doubt settled; Escape closes what is over, and the focus goes back', async (t) => {
  const { till, shop } = await counter(t, { steps: ['outcome = "decline"', 'outcome = "close"'] });
  const { keyboard } = till.page;
  await till.types(1250);
  await till.part('pay').focus();
  await keyboard.press('Enter');
  await till.sees({ stage: 'declined' });
  await tabTo(till, 'again');
  await keyboard.press('Enter');
  await till.sees({ stage: 'unknown' });
  const closings = await element(till).evaluateHandle((one) => {
    const heard = { count: 0 };
    one.shadowRoot.querySelector('dialog').addEventListener('close', () => (heard.count += 1));
    return heard;
  });
  for (let presses = 0; presses < 6; presses += 1) await keyboard.press('Escape');
  await till.sees({ stage: 'unknown' });
  await till.cannotPay();
  assert.equal(await closings.evaluate(({ count }) => count), 0, 'the doubt was out of sight for a moment');
  await tabTo(till, 'by');
  await keyboard.type('Camille');
  await keyboard.press('Enter');
  await till.sees({ stage: 'unknown' });
  await tabTo(till, 'yes');
  await keyboard.press('Space');
  await till.sees({ stage: 'settled', charged: 'yes' });
  await keyboard.press('Escape');
  await till.sees({ stage: 'idle' });
  assert.equal(await element(till).evaluate((one) => one.isOpen), false);
  assert.equal(await focused(till), 'pay');
  await till.hasAcknowledged();
  assert.equal((await shop.terminal.operations()).length, 2);
});

story('the Enter of a scanner never starts a second payment', async (t) => {
  const { till, shop } = await counter(t, { steps: [PERSON, 'outcome = "decline"', 'outcome = "close"'] });
  const scans = async () => {
    await till.page.keyboard.type('3017620422003');
    await till.page.keyboard.press('Enter');
  };
  await till.asks(1250);
  await till.waitsForCard();
  await scans();
  await shop.terminal.press('chip');
  for (const stage of ['approved', 'declined', 'unknown']) {
    await till.sees({ stage });
    await scans();
    await till.sees({ stage });
    if (stage === 'unknown') break;
    await till.next();
    await till.asks(1250);
  }
  assert.equal((await shop.terminal.operations()).length, 3);
});

story('axe finds nothing, light and dark, at every stage', async (t) => {
  const { till, shop, browser, origin } = await counter(t, { steps: Array(2).fill([PERSON, 'outcome = "decline"', 'outcome = "close"']).flat() });
  const axe = await readFile(AXE, 'utf8');
  const check = async (page, where) => {
    await page.evaluate(axe);
    // What is dark differs in its colours alone.
    const runOnly = where.endsWith('dark') ? { type: 'rule', values: ['color-contrast'] } : { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] };
    const { violations } = await page.evaluate((runOnly) => axe.run('caisse-relay-payment', { runOnly, resultTypes: ['violations'] }), runOnly);
    const found = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary}`).join(' | ')}`);
    assert.deepEqual(found, [], where);
  };
  for (const colorScheme of ['light', 'dark']) {
    await till.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const seen = (stage) => check(till.page, `${stage}, ${colorScheme}`);
    await element(till).evaluate((one) => {
      one.amount = 1250;
      one.show();
    });
    await seen('idle');
    await till.inside('close').click();
    await till.asks(1250);
    await till.waitsForCard();
    await seen('waiting');
    await shop.terminal.press('chip');
    await till.sees({ stage: 'approved' });
    await seen('approved');
    await till.next();
    await till.asks(1250);
    await till.sees({ stage: 'declined' });
    await seen('declined');
    await till.next();
    await till.asks(1250);
    await till.sees({ stage: 'unknown' });
    await seen('unknown');
    await till.settles('no');
    await till.sees({ stage: 'settled' });
    await seen('settled');
    await till.next();
    for (const code of [4401, 1013]) {
      const page = await newPage(browser, { colorScheme, reducedMotion: 'reduce' });
      await page.routeWebSocket(/till$/, (socket) => socket.close({ code }));
      await page.goto(`${origin}/component/?relay=${encodeURIComponent(shop.relay.url)}`);
      await page.getByTestId('pay').click();
      await page.locator(`caisse-relay-payment #connection[data-state="${code === 4401 ? 'not_paired' : 'absent'}"]`).waitFor();
      await check(page, `${code}, ${colorScheme}`);
      await page.context().close();
    }
  }
});

story('read aloud: a dialog with its amount, what is new in a status, French and English', async (t) => {
  const { till, shop } = await counter(t, { steps: [PERSON, 'outcome = "close"'] });
  await till.asks(1250);
  await till.waitsForCard();
  const heard = () => till.page.locator('body').ariaSnapshot().then((text) => text.replace(/\u00a0/g, ' '));
  for (const line of ['dialog "Paiement par carte 12,50 €"', 'status:', 'heading "Le client peut payer"', 'button "Abandonner"']) {
    assert.ok((await heard()).includes(line), `${line} is not in\n${await heard()}`);
  }
  await shop.terminal.press('chip');
  await till.sees({ stage: 'approved' });
  await till.next();
  await element(till).evaluate((one) => (one.lang = 'en'));
  await till.isConnected();
  await till.asks(1250);
  await till.sees({ stage: 'unknown' });
  for (const line of ['dialog "Card payment €12.50"', 'heading "Outcome unknown"', 'heading "What does the terminal\'s ticket say?"', 'textbox "Your name"', 'button "No, nothing was charged"']) {
    assert.ok((await heard()).includes(line), `${line} is not in\n${await heard()}`);
  }
});

story('nothing is cut off at 360 pixels, whatever happens', async (t) => {
  const { till } = await counter(t, { steps: ['outcome = "approve"', 'outcome = "decline"', 'outcome = "close"'], viewport: { width: 360, height: 800 } });
  for (const stage of ['approved', 'declined', 'unknown']) {
    await till.asks(99_999_999);
    await till.sees({ stage });
    const { width, room, left } = await till.inside('dialog').evaluate((dialog) => ({ width: dialog.scrollWidth, room: dialog.clientWidth, left: dialog.getBoundingClientRect().left }));
    assert.equal(width, room, stage);
    assert.ok(left >= 0);
    if (stage !== 'unknown') await till.next();
  }
});

story("in the page's colours and shapes, under a strict policy", async (t) => {
  const { till } = await counter(t);
  assert.match(await till.page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content'), /default-src 'none'.*style-src 'self'/);
  const complaints = [];
  till.page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await till.page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('caisse-relay-payment { --caisse-relay-accent: rgb(1, 2, 3); } caisse-relay-payment::part(amount) { letter-spacing: 7px; }');
    document.adoptedStyleSheets = [sheet];
    const one = document.querySelector('caisse-relay-payment');
    one.amount = 1250;
    one.show();
  });
  const style = (name, property) => till.inside(name).evaluate((part, property) => getComputedStyle(part)[property], property);
  assert.equal(await style('start', 'backgroundColor'), 'rgb(1, 2, 3)');
  assert.equal(await style('amount', 'letterSpacing'), '7px');
  assert.equal(await style('dialog', 'borderRadius'), '20px');
  await till.inside('start').click();
  await till.sees({ stage: 'approved' });
  assert.deepEqual(complaints, []);
});

story('a page that stores nothing acknowledges nothing: it is told, and the next page hears it again', async (t) => {
  const { till, shop } = await counter(t);
  // The page's listeners go with their element: this one has none.
  await till.page.evaluate(() => {
    const deaf = document.querySelector('caisse-relay-payment').cloneNode();
    document.querySelector('caisse-relay-payment').replaceWith(deaf);
  });
  await till.isConnected();
  await element(till).evaluate((one) => {
    one.amount = 1250;
    one.setAttribute('reference', 'T-1');
    one.pay();
  });
  await till.sees({ stage: 'approved' });
  await till.inside('unrecorded').filter({ visible: true }).waitFor();
  assert.match(await till.reads('unrecorded'), /n'a pas enregistré/);
  assert.equal((await shop.onlyPayment()).acknowledged, false);
  await till.page.reload();
  await till.sees({ stage: 'approved' });
  await till.hasAcknowledged();
  assert.deepEqual(await till.recorded(), ['yes']);
  await shop.terminal.onlyCharge();
  assert.equal((await shop.onlyPayment()).acknowledged, true);
});

story('a page that takes the element away and puts it back finds its payment', async (t) => {
  const { till, shop } = await counter(t, { steps: [PERSON] });
  await till.asks(1250);
  await till.waitsForCard();
  await till.page.evaluate(() => {
    window.kept = document.querySelector('caisse-relay-payment');
    window.kept.remove();
  });
  await shop.terminal.press('chip');
  await till.page.evaluate(() => document.body.append(window.kept));
  await till.sees({ stage: 'approved' });
  await till.hasAcknowledged();
  assert.deepEqual(await till.recorded(), ['yes']);
  await shop.terminal.onlyCharge();
});

story('the same sale again while the first is in doubt: the first is shown and settled, and nothing more is charged', async (t) => {
  const { till, shop } = await counter(t, { steps: ['outcome = "close"'] });
  const pays = () => element(till).evaluate((one) => {
    one.amount = 1250;
    one.setAttribute('reference', 'T-118');
    one.pay();
  });
  const told = await till.page.evaluateHandle(() => {
    const names = [];
    const one = document.querySelector('caisse-relay-payment');
    for (const name of ['payment', 'settled', 'refused', 'closed']) one.addEventListener(name, ({ type, detail }) => names.push(`${type} ${detail?.outcome ?? detail?.code ?? ''} ${detail?.charged ?? ''}`.trim()));
    return names;
  });
  await pays();
  await till.sees({ stage: 'unknown' });
  await till.inside('later').click();
  await till.sees({ stage: 'idle' });
  await element(till).evaluate((one) => one.show());
  assert.equal(await till.reads('first'), 'Paiement à vérifier');
  await till.inside('close').click();
  await pays();
  await till.sees({ stage: 'refused', code: 'possible_double_charge' });
  await till.inside('first').click();
  await till.sees({ stage: 'unknown' });
  await till.settles('yes');
  await till.sees({ stage: 'settled', charged: 'yes' });
  await till.next();
  await till.hasAcknowledged();
  await shop.terminal.onlyCharge();
  assert.deepEqual(await told.jsonValue(), ['payment unknown maybe', 'closed unknown maybe', 'closed', 'refused possible_double_charge', 'settled unknown yes', 'closed unknown yes']);
});

story('a late answer against what a person said comes back by itself, and is recorded', async (t) => {
  const { till, shop } = await counter(t, { steps: ['outcome = "approve"\ndelay_ms = 4000'], patience: 1 });
  await till.asks(1250);
  await till.sees({ stage: 'unknown' });
  await till.settles('no');
  await till.sees({ stage: 'settled', charged: 'no' });
  await till.next();
  await till.sees({ stage: 'contradicted', charged: 'yes' });
  assert.match(await till.reads('advice'), /Camille/);
  await till.next();
  await till.hasAcknowledged();
  assert.deepEqual(await till.recorded(), ['yes']);
  await shop.terminal.onlyCharge();
});

story('another till holds the terminal: its name is shown, and another try is a person\'s', async (t) => {
  const { till, shop, browser, origin } = await counter(t, { steps: [PERSON, 'outcome = "approve"'] });
  const other = await openExample(shop, origin, 'component', { browser });
  await element(other).evaluate((one) => one.setAttribute('till', 'Caisse 2'));
  await other.isConnected();
  await till.asks(1250);
  await till.waitsForCard();
  await other.asks(500);
  await other.sees({ stage: 'refused', code: 'terminal_busy' });
  assert.equal(await other.reads('title'), 'Terminal occupé');
  assert.equal(await other.reads('holder'), 'Caisse 1');
  await shop.terminal.press('chip');
  await till.sees({ stage: 'approved' });
  await till.hasAcknowledged();
  await other.inside('again').click();
  await other.sees({ stage: 'approved' });
  await other.hasAcknowledged();
  assert.deepEqual((await shop.terminal.charges()).map(({ amount }) => amount), [1250, 500]);
});

test('<caisse-relay-payment>', { timeout: 300_000 }, async (t) => {
  const like = await open(t);
  known = { origin: await serveExamples(t), like, browser: await like.browser() };
  for (const [name, play] of STORIES) await t.test(name, { timeout: 60_000 }, play);
});
