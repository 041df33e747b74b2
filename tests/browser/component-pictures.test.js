// Pictures of <caisse-relay-payment> for people to look at, in the folder that SCREENSHOTS names. Skipped without it.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openExample, serveExamples } from './counters.js';
import { newPage, open, PERSON } from './shop.js';

const FOLDER = process.env.SCREENSHOTS;

test('pictures of the dialog', { skip: FOLDER ? false : 'SCREENSHOTS is not set', timeout: 180_000 }, async (t) => {
  await mkdir(FOLDER, { recursive: true });
  const origin = await serveExamples(t);
  const looks = [360, 1280].flatMap((width) => ['light', 'dark'].map((colorScheme) => ({ viewport: { width, height: 800 }, colorScheme })));
  const declined = 'outcome = "decline"\nreport = "04"\nissuer_code = "51"\nissuer_message = "8PROVISION INSUFF."';
  const steps = looks.flatMap(() => [PERSON, 'outcome = "approve"\npaid = 1000', declined, 'outcome = "close"']);
  const shop = await open(t, { steps, origins: [origin] });
  const browser = await shop.browser();
  for (const look of looks) {
    const till = await openExample(shop, origin, 'component', { browser, ...look, reducedMotion: 'reduce' });
    const picture = (name) => till.page.screenshot({ path: join(FOLDER, `component-${look.viewport.width}-${look.colorScheme}-${name}.png`), animations: 'disabled' });
    await till.page.evaluate(() => {
      const element = document.querySelector('caisse-relay-payment');
      Object.entries({ receipt: '', partial: '' }).forEach(([name, value]) => element.setAttribute(name, value));
      element.amount = 4250;
      element.show();
    });
    await picture('idle');
    await till.inside('close').click();
    await till.asks(4250);
    await till.waitsForCard();
    await picture('waiting');
    await till.cancels();
    await till.page.locator('caisse-relay-payment #cancel:disabled').waitFor();
    await picture('cancelling');
    await shop.terminal.press('chip');
    await till.sees({ stage: 'approved' });
    await picture('approved');
    await till.next();
    await till.asks(1250);
    await till.sees({ stage: 'approved' });
    await picture('partial');
    await till.next();
    await till.asks(1250);
    await till.sees({ stage: 'declined' });
    await picture('declined');
    await till.next();
    await till.asks(4200);
    await till.sees({ stage: 'unknown' });
    await picture('unknown');
    await till.settles('yes');
    await till.sees({ stage: 'settled' });
    await picture('settled');
    await till.page.context().close();
    for (const [state, code] of [['not_paired', 4401], ['absent', 1013]]) {
      const page = await newPage(browser, { ...look, reducedMotion: 'reduce' });
      await page.routeWebSocket(/till$/, (socket) => socket.close({ code }));
      await page.goto(`${origin}/component/?relay=${encodeURIComponent(shop.relay.url)}`);
      await page.getByTestId('pay').click();
      await page.locator(`caisse-relay-payment #connection[data-state="${state}"]`).waitFor();
      await page.screenshot({ path: join(FOLDER, `component-${look.viewport.width}-${look.colorScheme}-${state}.png`), animations: 'disabled' });
      await page.context().close();
    }
  }
});
