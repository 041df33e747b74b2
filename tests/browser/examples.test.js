// The examples of the client's package do what a till must, against the real relay and a simulated terminal.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openExample, serveExamples } from './counters.js';
import { open, PERSON } from './shop.js';

const STEPS = ['outcome = "approve"', 'outcome = "decline"', PERSON, 'outcome = "close"'];

test('the examples: approved, declined, loaded again in the middle, unknown and settled', { timeout: 180_000 }, async (t) => {
  const origin = await serveExamples(t);
  const like = await open(t);
  const browser = await like.browser();
  for (const name of ['vanilla', 'react', 'vue', 'component', 'script']) {
    await t.test(name, { timeout: 60_000 }, async (t) => {
      const shop = await open(t, { origins: [origin], steps: STEPS, like });
      const till = await openExample(shop, origin, name, { browser });
      await sells(shop, till);
      await till.page.context().close();
    });
  }
});

async function sells(shop, till) {
  await till.asks(1250);
  await till.sees({ stage: 'approved' });
  await till.hasAcknowledged();
  await till.next();

  await till.asks(990);
  await till.sees({ stage: 'declined' });
  await till.hasAcknowledged();
  await till.next();

  await till.asks(2000);
  await till.waitsForCard();
  await till.page.reload();
  await till.waitsForCard();
  await till.cannotPay();
  await shop.terminal.press('chip');
  await till.sees({ stage: 'approved' });
  await till.hasAcknowledged();
  await till.next();

  await till.asks(4200);
  await till.sees({ stage: 'unknown' });
  await till.cannotPay();
  await till.settles('yes');
  await till.hasAcknowledged();

  assert.deepEqual((await till.recorded()).sort(), ['no', 'yes', 'yes', 'yes']);
  const asked = await shop.terminal.operations();
  assert.deepEqual(asked.map(({ amount, charged }) => [amount, charged]), [[1250, true], [990, false], [2000, true], [4200, true]]);
  const journal = await shop.journal();
  assert.deepEqual(journal.map(({ charged, acknowledged }) => [charged, acknowledged]), [['yes', true], ['no', true], ['yes', true], ['yes', true]]);
}
