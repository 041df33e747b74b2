// One terminal, two tills: the second is refused at once and told who holds it.
// Two tabs of one till are one till.

import assert from 'node:assert/strict';
import { open, PERSON, story, Till } from './shop.js';

story('a busy terminal names the till that holds it, and serves the next one afterwards', async (t) => {
  const shop = await open(t, { steps: [PERSON] });
  const browser = await shop.browser();
  const first = await shop.till({ browser });
  const second = await shop.till({ browser });
  await first.asks(1250);
  await first.waitsForCard();

  await second.asks(900);
  await second.sees({ phase: 'refused', code: 'terminal_busy', charged: 'no' });
  assert.match(await second.reads('advice'), /Caisse démo/);
  assert.equal((await shop.journal()).length, 1);

  await shop.terminal.press('chip');
  await first.sees({ phase: 'closed', outcome: 'approved' });
  await second.asks(900);
  await second.waitsForCard();
  await shop.terminal.press('chip');
  await second.sees({ phase: 'closed', outcome: 'approved' });
  await Promise.all([first.hasAcknowledged(), second.hasAcknowledged()]);
  assert.deepEqual((await shop.terminal.charges()).map(({ amount }) => amount), [1250, 900]);
});

story('a second tab shows the payment of the first, and it is recorded once', async (t) => {
  const shop = await open(t, { steps: [PERSON] });
  const first = await shop.till();
  await first.asks(1250);
  await first.waitsForCard();
  const second = new Till(await first.page.context().newPage());
  await second.page.goto(`https://${shop.host}/demo/`);
  await second.waitsForCard();
  await shop.terminal.press('chip');
  for (const till of [first, second]) {
    await till.sees({ phase: 'closed', outcome: 'approved' });
    await till.hasAcknowledged();
    assert.equal(await till.part('sales').locator('li').count(), 1);
  }
  await shop.terminal.onlyCharge();
  await shop.onlyPayment();
});
