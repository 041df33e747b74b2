// The pictures of the book, taken from the real pages, for docs/take-pictures,
// which says where in BOOK_PICTURES. Skipped without it.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { newPage, open, PERSON } from './shop.js';
import { knocks, pays, StatusPage } from './status-page.js';

const FOLDER = process.env.BOOK_PICTURES;
const SITE = 'https://boulangerie-du-centre.odoo.example';

for (const lang of ['fr', 'en']) {
  test(`pictures for the book in ${lang}`, { skip: FOLDER ? false : 'BOOK_PICTURES is not set', timeout: 300_000 }, async (t) => {
    await mkdir(FOLDER, { recursive: true });
    const shop = await open(t, { steps: ['outcome = "approve"', 'outcome = "approve"', PERSON, 'outcome = "decline"\nreport = "04"', 'outcome = "close"'] });
    const browser = await shop.browser();
    const tab = (size) => ({ viewport: size, locale: lang === 'fr' ? 'fr-FR' : 'en-GB', colorScheme: 'light', reducedMotion: 'reduce' });
    const path = (name) => join(FOLDER, `${name}-${lang}.png`);
    const shoot = (page, name) => page.screenshot({ path: path(name), animations: 'disabled' });

    const house = async (name, { height = 620, press = [] } = {}) => {
      const page = await newPage(browser, tab({ width: 900, height }));
      await StatusPage.open(page, shop);
      for (const part of press) await page.getByTestId(part).first().click();
      await shoot(page, name);
      await page.context().close();
    };

    await house('page-well');
    await knocks(shop, SITE);
    await house('page-asks', { height: 640 });
    await shop.allows(SITE);
    await house('page-pair', { press: ['pair', 'pair-open'] });
    await pays(shop, 1250, '--reference', 'TICKET-41');
    await pays(shop, 990, '--reference', 'TICKET-42');

    const sees = async (till, name) => till.part('status').screenshot({ path: path(name), animations: 'disabled' });
    const size = { width: 420, height: 900 };
    const speaks = async (till) => {
      if (lang === 'en') await till.part('language').click();
      await till.isConnected();
      return till;
    };
    const till = await speaks(await shop.till({ browser, ...tab(size) }));
    await till.asks(1250);
    await till.waitsForCard();
    await sees(till, 'till-card');
    await shop.terminal.press('chip');
    await till.sees({ outcome: 'approved' });
    await sees(till, 'till-approved');
    await till.part('new-sale').click();
    await till.asks(1250);
    await till.sees({ outcome: 'declined' });
    await sees(till, 'till-declined');
    await till.part('new-sale').click();
    await till.asks(4200);
    await till.sees({ outcome: 'unknown' });
    await sees(till, 'till-unknown');
    // A terminal that is switched off: nobody listens at its port.
    const asleep = await open(t, { like: shop, port: 9 });
    const other = await speaks(await asleep.till({ browser, ...tab(size) }));
    await other.asks(1250);
    await other.sees({ outcome: 'not_sent' });
    await sees(other, 'till-not-sent');

    await house('page-day', { height: 720 });
    await house('page-settle', { height: 700, press: ['settle'] });
  });
}
