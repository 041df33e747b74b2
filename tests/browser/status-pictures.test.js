// Pictures of the relay's own page for people to look at, in the folder that
// SCREENSHOTS names. Skipped without it.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { newPage, open, PERSON } from './shop.js';
import { knocks, pays, StatusPage } from './status-page.js';

const FOLDER = process.env.SCREENSHOTS;
const CLOSES = 'outcome = "close"';

test('pictures of the relay\'s page', { skip: FOLDER ? false : 'SCREENSHOTS is not set', timeout: 300_000 }, async (t) => {
  await mkdir(FOLDER, { recursive: true });
  const declined = 'outcome = "decline"\nreport = "04"\nissuer_code = "51"\nissuer_message = "8PROVISION INSUFF."';
  const approved = 'outcome = "approve"';
  const shop = await open(t, { steps: [approved, declined, CLOSES, approved, CLOSES, PERSON] });
  const browser = await shop.browser();
  const picture = async (name, { width = 1280, scheme = 'light', lang = 'fr', whole = true, of = shop, act, lonely } = {}) => {
    const viewport = { width, height: width < 500 ? 800 : 900 };
    const tab = await newPage(browser, { viewport, colorScheme: scheme, locale: lang === 'fr' ? 'fr-FR' : 'en-GB', reducedMotion: 'reduce' });
    if (lonely) await tab.goto(`https://${of.host}/`).then(() => tab.locator('[data-testid="door-relay"][data-state]').waitFor());
    else await StatusPage.open(tab, of);
    await act?.(tab);
    await tab.screenshot({ path: join(FOLDER, `status-${name}-${width}-${scheme}-${lang}.png`), fullPage: whole, animations: 'disabled' });
    await tab.context().close();
  };
  const press = (...names) => async (tab) => {
    for (const name of names) await tab.getByTestId(name).first().click();
  };

  await picture('well');
  await picture('well', { width: 360, whole: false });
  await picture('door', { lonely: true, width: 360 });
  for (const cents of [1250, 990, 4200, 700]) await pays(shop, cents, '--reference', `TICKET-${cents}`);
  await pays(shop, 1999);
  await knocks(shop, 'https://boulangerie-du-centre.odoo.example');
  for (const width of [360, 768, 1280, 1920]) {
    for (const scheme of ['light', 'dark']) await picture('day', { width, scheme, lang: scheme === 'light' ? 'fr' : 'en' });
  }
  for (const width of [360, 1280]) {
    await picture('settle', { width, whole: false, act: press('settle') });
    await picture('code', { width, whole: false, act: press('pair', 'pair-open') });
    await picture('trial', { width, whole: false, act: press('trial') });
  }
  const paying = pays(shop, 1999);
  await shop.terminal.shows('card');
  await picture('paying');
  await shop.terminal.press('chip');
  await paying;
  await picture('stopped', { act: async (tab) => {
    await shop.killRelay();
    await tab.locator('[data-testid="verdict"][data-tone="bad"]').waitFor();
  } });

  const asked = await open(t, { like: shop, steps: [CLOSES], recovery: 'duplicata' });
  await pays(asked, 4200);
  for (const width of [360, 1280]) await picture('evidence', { of: asked, width, whole: false, act: press('settle') });
  const bare = await open(t, { terminals: false, like: shop });
  await picture('bare', { of: bare });
  const late = await open(t, { like: shop, patience: 1, steps: [`${approved}\ndelay_ms = 3000`] });
  await picture('contradicted', { of: late, act: async (tab) => {
    await pays(late, 1000);
    await tab.getByTestId('terminal-state').filter({ hasText: 'Retenu' }).waitFor();
    await tab.screenshot({ path: join(FOLDER, 'status-held.png') });
    await tab.getByTestId('settle').click();
    await tab.getByTestId('settle-by').fill('Camille');
    await tab.getByTestId('settle-no').click();
    await tab.getByTestId('contradiction').waitFor();
  } });
});
