// A tablet that trusts nothing yet opens the page by plain HTTP, follows its
// steps, and sees it turn green.

import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { built, start } from './programs.js';
import { chromium, openBrowser, trust } from './chromium.js';
import { newPage, story, temporary } from './shop.js';

const PROGRAM = [process.env.CAISSE_RELAY_BIN, built('debug')]
  .filter(Boolean)
  .map((file) => join(file, '../examples/onboarding'))
  .find(existsSync);
if (!PROGRAM) throw new Error('No examples/onboarding: run `cargo build --examples`.');

const FOLDER = process.env.SCREENSHOTS;

/** A relay with the page; resolves with its `listening` line. */
async function open(t) {
  const relay = await start(t, [await temporary(t)], PROGRAM);
  assert.match(relay.onboarding, /^http:\/\/127\.0\.0\.1:\d+\/o\/[0-9a-f]{32}\/$/);
  return relay;
}

const address = (page, state) => page.locator(`[data-testid="test-address"][data-state="${state}"]`);

story('the page turns green when the device trusts the relay, and not before', async (t) => {
  const relay = await open(t);
  const home = await temporary(t);
  const before = await newPage(await openBrowser(t, { home }), { locale: 'fr-FR' });
  const violations = [];
  before.on('console', (message) => /Content Security Policy/.test(message.text()) && violations.push(message.text()));
  await before.goto(relay.onboarding);
  await address(before, 'untrusted').waitFor();
  assert.equal(await before.getByTestId('test').getAttribute('data-state'), 'untrusted');
  assert.match(await before.getByTestId('test-address').innerText(), /Pas encore/);
  await before.getByTestId('again').click();
  await address(before, 'untrusted').waitFor();

  // What a person does: download from the page, compare, install, open the browser again.
  const [download] = await Promise.all([
    before.waitForEvent('download'),
    before.locator('[data-testid="other"] a[href="caisse-relay.crt"]').click(),
  ]);
  const file = join(await temporary(t), download.suggestedFilename());
  await download.saveAs(file);
  const certificate = await readFile(file);
  const fingerprint = createHash('sha256').update(certificate).digest('hex').toUpperCase().match(/../g).join(':');
  assert.equal(await before.getByTestId('fingerprint').innerText(), fingerprint);
  assert.deepEqual(certificate, new X509Certificate(await readFile(relay.ca)).raw);
  await before.context().browser().close();

  await trust(home, [file]);
  const after = await newPage(await openBrowser(t, { home }), { locale: 'fr-FR' });
  after.on('console', (message) => /Content Security Policy/.test(message.text()) && violations.push(message.text()));
  await after.goto(relay.onboarding);
  await address(after, 'trusted').waitFor();
  assert.equal(await after.getByTestId('test').getAttribute('data-state'), 'trusted');
  assert.match(await after.getByTestId('test-address').innerText(), /Oui/);
  assert.deepEqual(violations, []);
});

story('the page tries again by itself, and sees a relay that is gone', async (t) => {
  const relay = await open(t);
  const page = await newPage(await chromium(t, { trusts: [relay.ca] }));
  await page.goto(relay.onboarding);
  await address(page, 'trusted').waitFor();
  const asked = new Promise((resolve) => page.once('request', (request) => resolve(request.url())));
  assert.match(await asked, /\/client\/trusted\.svg\?\d+$/);
  relay.child.kill('SIGKILL');
  await address(page, 'untrusted').waitFor();
});

story('every device has its steps first, in its language', async (t) => {
  const relay = await open(t);
  const browser = await chromium(t, { trusts: [relay.ca] });
  for (const [userAgent, locale, device, title] of [
    ['Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605', 'fr-FR', 'apple', 'iPad, iPhone'],
    ['Mozilla/5.0 (Linux; Android 15) Chrome/156', 'fr-FR', 'android', 'Android'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/156', 'en-GB', 'windows', 'Windows'],
    ['Mozilla/5.0 (X11; Linux x86_64) Chrome/156', 'en-GB', 'other', 'Another device, or Firefox'],
  ]) {
    const page = await newPage(browser, { userAgent, locale });
    await page.goto(relay.onboarding);
    const first = page.locator('details.device').first();
    assert.equal(await first.getAttribute('data-testid'), device);
    assert.equal(await first.locator('h3').innerText(), title);
    assert.equal(await page.locator('details.device[open]').count(), 1);
    assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2));
    await page.context().close();
  }
});

story('everything is reached by the keyboard and fits a narrow screen', async (t) => {
  const relay = await open(t);
  const browser = await chromium(t, { trusts: [relay.ca] });
  for (const language of ['fr', 'en']) {
    const page = await newPage(browser, { viewport: { width: 360, height: 800 } });
    await page.goto(relay.onboarding + language);
    const reached = new Set();
    for (let presses = 0; presses < 30; presses++) {
      await page.keyboard.press('Tab');
      const name = await page.evaluate(() => {
        const { activeElement: at } = document;
        // Opens what can be opened, as a person would with the space bar.
        if (at.tagName === 'SUMMARY' && !at.parentElement.open) at.click();
        return at.tagName === 'BODY' ? null : `${at.tagName} ${at.textContent.trim()}`;
      });
      if (name) reached.add(name);
    }
    const all = await page.evaluate(() => [...document.querySelectorAll('a, button, summary')]
      .filter((at) => at.checkVisibility()).map((at) => `${at.tagName} ${at.textContent.trim()}`));
    assert.ok(all.length >= 10, `${all}`);
    assert.deepEqual([...new Set(all)].filter((name) => !reached.has(name)), []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 360, `${wide} pixels wide`);
    // A drawing is one picture with a sentence for who does not see it.
    for (const figure of await page.locator('figure').all()) {
      assert.ok((await figure.getAttribute('aria-label')).length > 10);
      assert.equal(await figure.getAttribute('role'), 'img');
    }
    await page.context().close();
  }
});

test('pictures of the page', { skip: FOLDER ? false : 'SCREENSHOTS is not set', timeout: 120_000 }, async (t) => {
  await mkdir(FOLDER, { recursive: true });
  const relay = await open(t);
  for (const [name, trusts] of [['trusted', [relay.ca]], ['untrusted', []]]) {
    const browser = await chromium(t, { trusts });
    for (const width of [360, 1280]) {
      for (const colorScheme of ['light', 'dark']) {
        const page = await newPage(browser, { viewport: { width, height: 800 }, colorScheme, locale: 'fr-FR' });
        await page.goto(relay.onboarding);
        await address(page, name).waitFor();
        await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
        await page.screenshot({ path: join(FOLDER, `onboarding-${width}-${colorScheme}-${name}.png`), fullPage: true });
        await page.context().close();
      }
    }
  }
});
