// Pictures of the demonstration page for people to look at, in the folder that
// SCREENSHOTS names. Skipped without it.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { newPage, open, PERSON } from './shop.js';

const FOLDER = process.env.SCREENSHOTS;

test('pictures', { skip: FOLDER ? false : 'SCREENSHOTS is not set', timeout: 120_000 }, async (t) => {
  await mkdir(FOLDER, { recursive: true });
  const sizes = [{ width: 360, height: 800 }, { width: 1280, height: 800 }];
  const pages = sizes.flatMap((viewport) => ['light', 'dark'].map((colorScheme) => ({ viewport, colorScheme })));
  const declined = 'outcome = "decline"\nreport = "04"\nissuer_code = "51"\nissuer_message = "8PROVISION INSUFF."';
  const shop = await open(t, { steps: pages.flatMap(() => [PERSON, declined, 'outcome = "close"']) });
  const browser = await shop.browser();

  for (const { viewport, colorScheme } of pages) {
    const till = await shop.till({ browser, viewport, colorScheme, reducedMotion: 'reduce' });
    const picture = (name, fullPage = false) => {
      const path = join(FOLDER, `${viewport.width}-${colorScheme}-${name}.png`);
      return till.page.screenshot({ path, fullPage, animations: 'disabled' });
    };
    await picture('idle');
    await picture('idle-whole', true);
    for (const product of [0, 0, 3, 5]) await till.part(`product-${product}`).click();
    await till.part('pay').click();
    await till.waitsForCard();
    await picture('waiting');
    await shop.terminal.press('chip');
    await till.sees({ outcome: 'approved' });
    await picture('approved');
    await picture('approved-whole', true);
    await till.part('new-sale').click();
    await till.asks(1250);
    await till.sees({ outcome: 'declined' });
    await picture('declined');
    await till.part('new-sale').click();
    await till.asks(4200);
    await till.sees({ outcome: 'unknown' });
    await picture('unknown');
    await till.part('settle-current').click();
    await picture('settle');
    await till.settles('yes');
    await till.sees({ charged: 'yes' });
    await picture('settled-whole', true);
    await till.page.context().close();
  }
});

test('pictures of each reason why the relay is not there', { skip: FOLDER ? false : 'SCREENSHOTS is not set', timeout: 120_000 }, async (t) => {
  await mkdir(FOLDER, { recursive: true });
  const shop = await open(t);
  const browser = await shop.browser();
  for (const width of [360, 1280]) {
    for (const colorScheme of ['light', 'dark']) {
      for (const [state, code] of [['not_paired', 4401], ['not_allowed', 4403], ['old_relay', 4406], ['absent', 1013]]) {
        const page = await newPage(browser, { viewport: { width, height: 800 }, colorScheme, reducedMotion: 'reduce' });
        await page.routeWebSocket(/till$/, (socket) => socket.close({ code, reason: 'for the picture' }));
        await page.goto(`https://${shop.host}/demo/`);
        await page.locator(`[data-testid="connection"][data-state="${state}"]`).waitFor();
        if (code === 4401) {
          await page.getByTestId('pair-code').fill('123456');
          await page.getByTestId('pair').click();
          await page.getByTestId('pair-error').waitFor();
        }
        await page.screenshot({ path: join(FOLDER, `${width}-${colorScheme}-${state}.png`), animations: 'disabled' });
        await page.context().close();
      }
    }
  }
});
