// The relay's own page for people: by keyboard alone, read aloud, in two languages,
// light and dark, on a telephone and on paper, with a day that is long.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { RELAY, run } from './programs.js';
import { newPage, open, story } from './shop.js';
import { knocks, pays, StatusPage } from './status-page.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const CLOSES = 'outcome = "close"';
const DECLINES = 'outcome = "decline"';

async function visit(shop, options = {}) {
  const browser = options.browser ?? (await shop.browser());
  const { browser: _, ...rest } = options;
  return StatusPage.open(await newPage(browser, { locale: 'fr-FR', reducedMotion: 'reduce', ...rest }), shop);
}

story('a doubt is found and settled by keyboard alone', async (t) => {
  const shop = await open(t, { steps: [CLOSES] });
  await pays(shop, 4200);
  const { tab } = await visit(shop);
  await tabTo(tab, 'settle');
  await tab.keyboard.press('Enter');
  assert.equal(await focused(tab), 'settle-by', 'the name is asked for first');
  await tab.keyboard.type('Camille');
  await tabTo(tab, 'settle-no');
  await tab.keyboard.press('Space');
  await tab.locator('[data-testid="verdict"][data-tone="ok"]').waitFor();
  assert.equal(await focused(tab), 'verdict', 'and the page goes on from what it says now');
  assert.equal((await shop.onlyPayment()).charged, 'no');
});

story('who presses a button keeps it, whatever is drawn again', async (t) => {
  const shop = await open(t, { steps: ['outcome = "approve"'] });
  const { tab } = await visit(shop);
  await tabTo(tab, 'test');
  await tab.keyboard.press('Enter');
  await tab.locator('[data-testid="identified"][data-state="ready"]').waitFor();
  await pays(shop, 500);
  await tab.locator('#payments [data-outcome="approved"]').waitFor();
  assert.equal(await focused(tab), 'test');
});

story('what is read aloud names every part and every button', async (t) => {
  const shop = await open(t, { steps: [CLOSES] });
  await pays(shop, 4200);
  const { tab } = await visit(shop, { locale: 'en-GB' });
  await knocks(shop, 'https://caisse.example');
  await tab.getByTestId('request').waitFor();
  const heard = await tab.locator('body').ariaSnapshot();
  for (const line of [
    'banner', 'main', 'heading "Caisse Relay" [level=1]', 'region "2 things to look at"',
    'region "To do now"', 'region "Terminals"', 'region "Payments: today"', 'region "Totals: today"', 'region "Tills of the network"',
    'region "Sites"', 'region "Certificate"', 'region "The relay"', 'region "Events"',
    'button "Check and settle: €42.00', 'button "Allow https://caisse.example"', 'button "Refuse https://caisse.example"',
    'button "Test the terminal Comptoir"', 'button "1-cent trial on the terminal Comptoir"', 'button "Day before"', 'button "Pair a till"',
  ]) {
    assert.ok(heard.includes(line), `${line} is not in\n${heard}`);
  }
  await tab.getByTestId('settle').click();
  const asked = await tab.locator('body').ariaSnapshot();
  for (const line of ['dialog "What does the terminal’s ticket say?"', 'textbox "Your name"', 'textbox "Remark (optional)"', 'button "Yes, it shows', 'button "No, nothing']) {
    assert.ok(asked.includes(line), `${line} is not in\n${asked}`);
  }
  await tab.getByTestId('settle-by').fill('Camille');
  await tab.getByTestId('settle-yes').click();
  // What changed is told to who does not look.
  await tab.locator('[role="status"]', { hasText: 'One site asks to use the relay.' }).waitFor();
});

story('axe finds nothing serious, light and dark, in any dialog and at the door', async (t) => {
  const shop = await open(t, { steps: [CLOSES, DECLINES, 'outcome = "approve"'] });
  for (const cents of [4200, 300, 1250]) await pays(shop, cents);
  await knocks(shop, 'https://caisse.example');
  const browser = await shop.browser();
  const axe = await readFile(AXE, 'utf8');
  const check = async (tab, where) => {
    await tab.evaluate(axe);
    const { violations } = await tab.evaluate('axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] })');
    const found = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
    assert.deepEqual(found, [], where);
  };
  for (const colorScheme of ['light', 'dark']) {
    const { tab } = await visit(shop, { browser, colorScheme });
    await tab.locator('#payments summary').first().click();
    await tab.getByTestId('test').click();
    await tab.locator('[data-testid="identified"][data-state="ready"]').waitFor();
    await check(tab, `the page, ${colorScheme}`);
    for (const [opener, next] of [['settle'], ['trial'], ['pair', 'pair-open']]) {
      await tab.getByTestId(opener).first().click();
      if (next) await tab.getByTestId(next).click();
      if (next) await tab.getByTestId('pair-code').waitFor();
      await check(tab, `${next ?? opener}, ${colorScheme}`);
      await tab.keyboard.press('Escape');
    }
    await tab.context().close();
  }
  const door = await newPage(browser);
  await door.goto(`https://${shop.host}/`);
  await door.locator('[data-testid="door-relay"][data-state="running"]').waitFor();
  await check(door, 'the door');
});

story('English and French, each chosen by the browser or by the person', async (t) => {
  const shop = await open(t, { steps: [CLOSES] });
  const browser = await shop.browser();
  await pays(shop, 4200);
  const english = await visit(shop, { browser, locale: 'en-GB' });
  assert.equal(await english.reads('verdict-title'), 'One thing to look at');
  assert.match(await english.reads('todo'), /Nobody knows whether the customer was charged/);
  await english.tab.getByTestId('language').click();
  await english.says('verdict-title', 'Un point à regarder');
  assert.match(await english.reads('todo'), /On ne sait pas si le client a été débité/);
  assert.equal(await english.tab.evaluate('document.documentElement.lang'), 'fr');
});

story('every word that the page uses is there in French and in English', async (t) => {
  const shop = await open(t);
  const { tab } = await visit(shop);
  const words = await tab.evaluate('import("/status/words.js").then(({ WORDS }) => WORDS)');
  const folder = new URL('../../web-client/status/', import.meta.url);
  const used = new Set();
  for (const file of await readdir(folder)) {
    const text = await readFile(new URL(file, folder), 'utf8');
    for (const [, key] of text.matchAll(/(?:\bsay\('|\baction\('|\bline\('|data-t=")(\w+)['"]/g)) used.add(key);
    for (const [, key] of text.matchAll(/\bcount\('(\w+)'/g)) for (const number of ['one', 'many']) used.add(`${key}_${number}`);
  }
  assert.ok(used.size > 100, `${used.size}`);
  assert.deepEqual([...used].filter((key) => !words[key]), []);
  for (const [key, [french, english]] of Object.entries(words)) {
    assert.ok(french && english, key);
    const places = (sentence) => [...sentence.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
    assert.deepEqual(places(french), places(english), key);
  }
});

story('nothing is cut off from 360 to 1920 pixels, and every button is large enough for a thumb', async (t) => {
  const long = 'Café-restaurant-de-la-Gare-et-du-Commerce-réunis, étage';
  const shop = await open(t, { steps: [CLOSES, 'outcome = "approve"', DECLINES], label: long });
  for (const [cents, reference] of [[4200, 'COMMANDE-2026-11-23-000000000000000000000042'], [99_999_999], [300]]) {
    await pays(shop, cents, ...(reference ? ['--reference', reference] : []));
  }
  await knocks(shop, 'https://caisse-de-la-boulangerie-patisserie-du-centre-ville.boutique.example:8443');
  const browser = await shop.browser();
  for (const width of [360, 768, 1280, 1920]) {
    const { tab } = await visit(shop, { browser, viewport: { width, height: 900 } });
    await tab.locator('#payments summary').first().click();
    await fits(tab, `${width}`);
    for (const opener of ['settle', 'pair']) {
      await tab.getByTestId(opener).first().click();
      await fits(tab, `${opener} at ${width}`);
      await tab.keyboard.press('Escape');
    }
    const small = await tab.evaluate(() => [...document.querySelectorAll('button, summary, input:not([type="checkbox"]), .tick, .tile')]
      .filter((element) => element.checkVisibility())
      .map((element) => [element.innerText || element.id, element.getBoundingClientRect()])
      .filter(([, { width, height }]) => width < 44 || height < 44).map(([name]) => name));
    assert.deepEqual(small, [], `too small at ${width}`);
    await tab.context().close();
  }
});

story('a shop without a terminal and without payments is told what to do', async (t) => {
  const shop = await open(t, { terminals: false });
  const page = await visit(shop);
  await page.shows('verdict', { tone: 'warn' });
  await page.says('issues', '[[terminals]]');
  await page.says('payments', 'Aucun paiement ce jour-là');
  await page.says('totals', 'Rien n’a été encaissé ce jour-là');
  assert.equal(await page.tab.getByTestId('csv').isVisible(), false);
});

story('a day is exported as a spreadsheet takes it, and as it is; yesterday is empty', async (t) => {
  const shop = await open(t, { steps: ['outcome = "approve"', CLOSES] });
  await pays(shop, 1250, '--reference', '=1+1');
  await pays(shop, 4200);
  const { tab } = await visit(shop);
  const save = async (format) => {
    const download = tab.waitForEvent('download');
    await tab.getByTestId(format).click();
    const saved = await download;
    assert.match(saved.suggestedFilename(), new RegExp(`^caisse-relay-\\d{4}-\\d\\d-\\d\\d\\.${format}$`));
    return readFile(await saved.path(), 'utf8');
  };
  await tab.locator('#payments details').nth(1).waitFor();
  const [head, first, second] = (await save('csv')).replace('\ufeff', '').split('\r\n');
  const exported = await run(RELAY, ['journal', 'export', '--format', 'csv', '--config', shop.config]);
  assert.equal(head, exported.split('\n')[0], 'the columns of `journal export`');
  assert.match(first, /,debit,1250,EUR,card,'=1\+1,approved,yes,1250,/);
  assert.match(second, /,debit,4200,EUR,card,,unknown,maybe,,/);
  const whole = JSON.parse(await save('json'));
  assert.deepEqual(whole.payments.map(({ amount, outcome }) => [amount, outcome]), [[1250, 'approved'], [4200, 'unknown']]);
  assert.deepEqual(whole.totals.map(({ sum, unknown_sum }) => [sum, unknown_sum]), [[1250, 4200]]);

  await tab.getByTestId('day-before').click();
  await tab.getByText('Aucun paiement ce jour-là').waitFor();
  assert.equal(await tab.getByTestId('settle').count(), 1, 'a doubt waits whatever day is looked at');
  await tab.getByTestId('day-after').click();
  await tab.locator('#payments details').nth(1).waitFor();
});

story('on paper there are the totals and nothing else', async (t) => {
  const shop = await open(t);
  await pays(shop, 1250);
  const { tab } = await visit(shop);
  await tab.getByTestId('totals').getByText('12,50').first().waitFor();
  await tab.emulateMedia({ media: 'print' });
  const shown = await tab.evaluate(() => [...document.querySelectorAll('section')].filter((part) => part.checkVisibility()).map(({ id }) => id));
  assert.deepEqual(shown, ['totals']);
});

story('a day of 300 payments is quick to read, and all of it is there', async (t) => {
  const shop = await open(t, { steps: ['outcome = "approve"'] });
  const browser = await shop.browser();
  const page = await visit(shop, { browser });
  // As fast as a till of the page's own computer may talk.
  await page.tab.evaluate(`new Promise((done) => {
    const till = new WebSocket(\`wss://\${location.host}/till\`, 'caisse-relay.v1');
    let left = 300;
    const pay = () => till.send(JSON.stringify({ type: 'pay', id: crypto.randomUUID(), operation: 'debit', amount: 100 + left, currency: 'EUR' }));
    till.onopen = () => till.send(JSON.stringify({ type: 'hello', client: 'tests', lang: 'fr', till: 'Caisse 1' }));
    till.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === 'welcome') pay();
      if (message.type === 'ping') till.send(JSON.stringify({ type: 'pong', n: message.n }));
      if (message.type !== 'payment' || message.phase !== 'closed' || message.acknowledged) return;
      till.send(JSON.stringify({ type: 'acknowledge', id: message.id }));
      left -= 1;
      if (left > 0) pay(); else done();
    };
  })`);
  await page.tab.getByTestId('more').click();
  await page.until('document.querySelectorAll("#payments details").length === 300');
  await page.says('totals', '751,50');
  const { tab } = await visit(shop, { browser });
  await tab.getByTestId('more').click();
  assert.equal(await tab.locator('#payments details').count(), 300, 'and after opening it anew');
}, { timeout: 120_000 });

/** Presses Tab until a part has the focus. */
async function tabTo(tab, name) {
  for (let presses = 0; presses < 60; presses += 1) {
    if ((await focused(tab)) === name) return;
    await tab.keyboard.press('Tab');
  }
  assert.fail(`Tab does not reach ${name}`);
}

function focused(tab) {
  return tab.evaluate(() => document.activeElement?.getAttribute('data-testid'));
}

async function fits(tab, where) {
  const cut = await tab.evaluate(() => [document.documentElement, ...document.querySelectorAll('section, dialog[open], article')]
    .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.checkVisibility())
    .map((element) => `${element.id || element.className || element.tagName}: ${element.scrollWidth} > ${element.clientWidth}`));
  assert.deepEqual(cut, [], where);
}
