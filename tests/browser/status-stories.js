// What the relay's own page must do in every browser. Each engine tells these
// stories in its own way to open a tab.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knocks, link, pays, StatusPage } from './status-page.js';
import { open, PATIENCE, PERSON } from './shop.js';

/**
 * @param {string} engine its name for people
 * @param {(t: any, shop: any) => Promise<(t: any) => Promise<any>>} start starts a browser that trusts the relay of this shop;
 *   what it returns opens a tab that remembers nothing of the others
 */
export function tellStatusStories(engine, start) {
  test(engine, { timeout: 300_000 }, async (t) => {
    const known = await open(t);
    const browse = await start(t, known);
    for (const [name, options, play] of STORIES) {
      await t.test(name, { timeout: 60_000 }, async (t) => {
        const shop = await open(t, { ...options, like: known });
        await play({ shop, tab: () => browse(t), page: async () => StatusPage.open(await browse(t), shop) });
      });
    }
  });
}

const CLOSES = 'outcome = "close"';

/** @type {[string, object, (world: any) => Promise<void>][]} */
const STORIES = [
  ['the key is taken from the address at once, and a reload keeps it', {}, async ({ shop, page }) => {
    const mine = await page();
    assert.equal(await mine.tab.evaluate('location.href'), `https://${shop.host}/`);
    assert.equal(await mine.tab.evaluate('localStorage.getItem("caisse-relay.key")'), null);
    await mine.tab.reload();
    await mine.shows('connection', { state: 'ready' });
    await mine.shows('verdict', { tone: 'ok' });
  }],

  ['without the key there is nothing to see but whether the relay runs', {}, async ({ shop, tab }) => {
    const stranger = new StatusPage(await tab(), shop);
    await stranger.tab.goto(`https://${shop.host}/`);
    await stranger.shows('door-relay', { state: 'running' });
    await stranger.says('closed', 'caisse-relay page');
    assert.equal(await stranger.tab.evaluate('document.querySelector("#open").checkVisibility()'), false);
    await stranger.tab.goto(`https://${shop.host}/?again#ticket=${'x'.repeat(43)}`);
    await stranger.says('door-why', /caisse-relay page/);
    assert.equal(await stranger.tab.evaluate('sessionStorage.length'), 0);
    // A link is good once: who finds it in a history is told to ask for another.
    const once = await link(shop);
    const mine = new StatusPage(await tab(), shop);
    await mine.tab.goto(once);
    await mine.shows('connection', { state: 'ready' });
    assert.equal(await mine.tab.evaluate('location.hash'), '');
    await stranger.tab.goto(once.replace('/#', '/?used#'));
    await stranger.says('door-why', /a déjà servi|was used already/);
    assert.equal(await stranger.tab.evaluate('sessionStorage.length'), 0);
    // The tab that came in goes on to: a reload asks for no other link.
    await mine.tab.goto(`https://${shop.host}/?reload`);
    await mine.shows('connection', { state: 'ready' });
    await shop.killRelay();
    await stranger.shows('door-relay', { state: 'stopped' });
  }],

  ['payments of every till, terminals and totals are there as they happen', { steps: [PERSON, 'outcome = "decline"', CLOSES] }, async ({ shop, page }) => {
    const mine = await page();
    await mine.says('payments', /Aucun paiement|No payment/);
    const paying = pays(shop, 1250);
    await mine.shows('terminal-state', {}, '[data-terminal="comptoir"][data-state="busy"]');
    await mine.until('document.querySelector(\'[data-testid="test"]\').getAttribute("aria-disabled") === "true"');
    await shop.terminal.press('chip');
    await paying;
    await mine.until('document.querySelector(\'#payments [data-outcome="approved"][data-charged="yes"]\')');
    await mine.says('totals', /12[,.]50/);
    await pays(shop, 300);
    await pays(shop, 4200);
    await mine.until('document.querySelectorAll("#payments details").length === 3');
    await mine.shows('verdict', { tone: 'warn' });
    await mine.says('totals', /42[,.]00/);
    assert.match(await mine.reads('todo'), /42[,.]00/);
  }],

  ['a doubt is settled by a person who is named', { steps: [CLOSES] }, async ({ shop, page }) => {
    await pays(shop, 4200);
    const mine = await page();
    await mine.clicks('settle');
    await mine.clicks('settle-yes');
    await mine.says('settle-error', /nom|name/);
    await mine.fills('settle-by', 'Camille');
    await mine.fills('settle-note', 'ticket 12');
    await mine.clicks('settle-yes');
    await mine.shows('verdict', { tone: 'ok' });
    await mine.says('totals', /42[,.]00/);
    const { resolved, charged } = await shop.onlyPayment();
    assert.deepEqual([resolved.by, resolved.charged, resolved.note, charged], ['Camille', 'yes', 'ticket 12', 'yes']);
    assert.equal((await shop.terminal.operations()).length, 1);
  }],

  ['what the terminal says of its last operation helps to settle, and decides nothing', { steps: [CLOSES], recovery: 'duplicata' }, async ({ shop, page }) => {
    await pays(shop, 4200);
    const mine = await page();
    await mine.shows('terminal-state', {}, '[data-terminal="comptoir"][data-state="free"]');
    await mine.clicks('settle');
    await mine.says('evidence', /42[,.]00/);
    await mine.says('evidence', /même montant|same amount/);
    await mine.shows('verdict', { tone: 'warn' });
    assert.equal((await shop.onlyPayment()).charged, 'maybe');
  }],

  ['what the terminal says late against a person is shown in red', { patience: 1, steps: ['outcome = "approve"\ndelay_ms = 4000'] }, async ({ shop, page }) => {
    const mine = await page();
    await pays(shop, 1000);
    await mine.clicks('settle');
    await mine.fills('settle-by', 'Camille');
    await mine.clicks('settle-no');
    await mine.shows('contradiction', {});
    await mine.shows('verdict', { tone: 'bad' });
    assert.match(await mine.reads('contradiction'), /Camille/);
    await mine.clicks('corrected');
    await mine.shows('verdict', { tone: 'ok' });
    await mine.tab.reload();
    await mine.shows('verdict', { tone: 'ok' });
    await mine.until('document.querySelector("#payments .tag.bad")');
  }],

  ['a terminal that is held by a payment without an answer is freed by a person', { patience: 1, steps: ['outcome = "silence"'] }, async ({ shop, page }) => {
    const mine = await page();
    await pays(shop, 1000);
    await mine.clicks('release');
    await mine.fills('release-by', 'Camille');
    await mine.clicks('release-do');
    await mine.shows('terminal-state', {}, '[data-terminal="comptoir"][data-state="free"]');
    await mine.says('events', 'Camille');
    await mine.shows('verdict', { tone: 'warn' });
  }],

  ['a terminal is tested, then charged one cent and asked to pay it back', {}, async ({ shop, page }) => {
    const mine = await page();
    await mine.clicks('test');
    await mine.shows('identified', { state: 'ready' });
    await mine.clicks('trial');
    await mine.clicks('trial-pay');
    await mine.clicks('trial-refund');
    await mine.says('trial-said', /débiter et rembourser|charge and pay back/);
    const operations = await shop.terminal.operations();
    assert.deepEqual(operations.map(({ amount, charged }) => [amount, charged]), [[1, true], [1, true]]);
    await mine.until('document.querySelectorAll("#payments details").length === 2');
    // The relay hears that the page has it a moment after the person sees it.
    let payments = [];
    for (const end = Date.now() + PATIENCE; Date.now() < end && !(payments.length && payments.every(({ acknowledged }) => acknowledged)); ) {
      payments = await shop.journal();
    }
    assert.deepEqual(payments.map(({ till, acknowledged }) => [till, acknowledged]), [['Caisse Relay', true], ['Caisse Relay', true]]);
  }],

  ['a site that asks waits for a person, and a decision is taken back', {}, async ({ shop, page }) => {
    const mine = await page();
    await knocks(shop, 'https://caisse.example');
    await mine.shows('verdict', { tone: 'warn' });
    await mine.clicks('allow', '[data-testid="request"]');
    await mine.until('document.querySelector(\'#pages [data-origin="https://caisse.example"][data-state="allowed"]\')');
    await mine.shows('verdict', { tone: 'ok' });
    await mine.clicks('refuse', '#pages');
    await mine.until('document.querySelector(\'#pages [data-state="refused"]\')');
    await mine.clicks('forget', '#pages');
    await mine.until('!document.querySelector("#pages [data-origin]")');
    await mine.says('events', 'https://caisse.example');
  }],

  ['a till is paired with limits, listed, and its access taken back', {}, async ({ shop, page }) => {
    const mine = await page();
    await mine.clicks('pair');
    await mine.fills('pair-name', 'Borne');
    for (const operation of ['refund', 'cancellation', 'settle', 'exchange']) await mine.clicks(`pair-${operation}`);
    await mine.clicks('pair-open');
    await mine.says('pair-left', '4:5');
    const code = (await mine.reads('pair-code')).replace(/\D/g, '');
    assert.equal(code.length, 6);
    // The till, as it says it.
    await mine.tab.evaluate(`void Object.assign(window.till = new WebSocket(\`wss://\${location.host}/till\`, 'caisse-relay.v1'), {
      onopen: () => till.send(JSON.stringify({ type: 'pair', code: ${JSON.stringify(code)}, till: 'x' })) })`);
    await mine.clicks('pair-end');
    await mine.says('tills', 'Borne');
    assert.match(await mine.reads('tills'), /encaisser|take payments/);
    assert.doesNotMatch(await mine.reads('tills'), /rembourser|pay back/);
    await mine.clicks('revoke');
    await mine.clicks('revoke-do');
    await mine.until('!document.querySelector("#tills [data-till]")');
  }],

  ['the doctor looks at everything when a person asks, and leaves a terminal that is paying alone', { steps: [PERSON] }, async ({ shop, page }) => {
    const mine = await page();
    assert.match(await mine.reads('checks'), /argent|money/);
    await mine.clicks('run-checks');
    for (const code of ['config_good', 'journal_good', 'terminal_ready']) {
      await mine.until(`document.querySelector('#checks [data-check="${code}"][data-state="ok"]')?.checkVisibility()`);
    }
    assert.doesNotMatch(await mine.reads('checks'), /undefined|null/);
    // A terminal that has the customer's card is not asked.
    const paying = pays(shop, 1250);
    await mine.shows('terminal-state', {}, '[data-terminal="comptoir"][data-state="busy"]');
    await mine.clicks('run-checks');
    await mine.until('document.querySelector(\'#checks [data-check="terminal_busy"]\')');
    assert.equal(await mine.tab.evaluate('document.querySelector(\'#checks [data-check="terminal_ready"]\')'), null);
    await shop.terminal.press('chip');
    await paying;
    await mine.until('document.querySelector(\'#payments [data-outcome="approved"]\')');
  }],

  ['a relay that stops is seen at once, and so is its return', {}, async ({ shop, page }) => {
    const mine = await page();
    await mine.shows('verdict', { tone: 'ok' });
    await shop.killRelay();
    await mine.shows('verdict', { tone: 'bad' });
    await mine.shows('connection', { state: 'away' });
    await shop.restartRelay();
    await mine.shows('verdict', { tone: 'ok' });
    await pays(shop, 500);
    await mine.until('document.querySelector(\'#payments [data-outcome="approved"]\')');
  }],
];

