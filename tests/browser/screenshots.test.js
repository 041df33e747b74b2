// Pictures of the demonstration page for people to look at, in the folder that
// SCREENSHOTS names. Skipped without it.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { open, PERSON } from './shop.js';

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
