// The page reloads, the relay dies, the answer is lost: the card is charged at
// most once, and nobody is told a guess.

import assert from 'node:assert/strict';
import { open, PERSON, story } from './shop.js';

story('reload while the customer pays: the payment is found again and ends approved', async (t) => {
  const shop = await open(t, { steps: [PERSON] });
  const till = await shop.till();
  await till.asks(1250);
  await till.waitsForCard();
  await till.page.reload();
  await till.waitsForCard();
  assert.equal(await till.part('pay').isDisabled(), true);
  await shop.terminal.press('chip');
  await till.sees({ phase: 'closed', outcome: 'approved' });
  await till.hasAcknowledged();
  assert.equal((await shop.terminal.onlyCharge()).amount, 1250);
  assert.equal((await shop.onlyPayment()).acknowledged, true);
});

story('closed page: the payment ends without it, and the next page is told', async (t) => {
  const shop = await open(t, { steps: [PERSON] });
  const till = await shop.till();
  const context = till.page.context();
  await till.asks(1250);
  await till.waitsForCard();
  await till.page.goto('about:blank');
  await shop.terminal.press('contactless');
  const later = await context.newPage();
  await later.goto(`https://${shop.host}/demo/`);
  await later.locator('[data-testid="sales"] li[data-outcome="approved"]').waitFor();
  await later.waitForFunction(() => !localStorage.getItem('caisse-relay.pending'));
  await shop.terminal.onlyCharge();
});

for (const [said, key, charged] of [['yes', 'chip', true], ['no', 'red', false]]) {
  story(`relay killed while the customer pays: unknown, a person reads the ticket and says ${said}`, async (t) => {
    const shop = await open(t, { steps: [PERSON] });
    const till = await shop.till();
    await till.asks(1250);
    await till.waitsForCard();
    await shop.terminal.shows('card');
    await shop.killRelay();
    await till.isDisconnected();
    await till.sees({ phase: 'waiting' });
    await shop.terminal.press(key);
    await shop.restartRelay();

    await till.sees({ phase: 'closed', outcome: 'unknown', charged: 'maybe', code: 'relay_restarted' });
    assert.equal(await till.part('pay').isDisabled(), true);
    await till.part('settle-current').click();
    assert.match(await till.reads('settle-sum'), /12,50 €/);
    await till.settles(said);
    await till.sees({ phase: 'closed', outcome: 'unknown', charged: said });
    assert.match(await till.reads('resolved'), /Camille/);
    await till.part('doubts').waitFor({ state: 'hidden' });
    await till.hasAcknowledged();

    const { outcome, resolved, acknowledged } = await shop.onlyPayment();
    assert.deepEqual([outcome, resolved.charged, resolved.by, acknowledged], ['unknown', said, 'Camille', true]);
    const asked = await shop.terminal.operations();
    assert.deepEqual(asked.map((operation) => operation.charged), [charged]);
  });
}

story('relay told to stop while the customer pays: it ends that payment first, and takes no other', async (t) => {
  const shop = await open(t, { steps: [PERSON] });
  const browser = await shop.browser();
  const till = await shop.till({ browser });
  const second = await shop.till({ browser });
  await till.asks(1250);
  await till.waitsForCard();
  await shop.terminal.shows('card');
  shop.stopRelay();
  await second.asks(900);
  await second.sees({ phase: 'refused', charged: 'no' });
  await shop.terminal.press('chip');
  await till.sees({ phase: 'closed', outcome: 'approved' });
  await till.isDisconnected();
  await shop.terminal.onlyCharge();
  assert.equal((await shop.onlyPayment()).outcome, 'approved');
});

story('silence, then the answer after all: the doubt goes away by itself', async (t) => {
  const shop = await open(t, { steps: [PERSON], patience: 1 });
  const till = await shop.till();
  await till.asks(1250);
  await till.sees({ phase: 'closed', outcome: 'unknown', charged: 'maybe', code: 'silence' });
  await till.part('doubts').locator('li').waitFor();
  await shop.terminal.press('chip');
  await till.sees({ phase: 'closed', outcome: 'approved', charged: 'yes' });
  await till.part('doubts').waitFor({ state: 'hidden' });
  assert.match(await till.reads('sales-total'), /^12,50 €$/);
  await till.hasAcknowledged();
  await shop.terminal.onlyCharge();
  const { outcome, late, paid } = await shop.onlyPayment();
  assert.deepEqual([outcome, late, paid], ['approved', true, 1250]);
});

story('silence: unknown after the deadline, and the terminal was asked once', async (t) => {
  const shop = await open(t, { steps: ['outcome = "silence"'], patience: 1 });
  const till = await shop.till();
  await till.asks(1250);
  await till.sees({ phase: 'closed', outcome: 'unknown', charged: 'maybe', code: 'silence' });
  await till.part('doubts').locator('li').waitFor();
  assert.match(await till.reads('sales-total'), /^0,00 €$/);
  await shop.terminal.onlyCharge();
  assert.equal((await shop.onlyPayment()).charged, 'maybe');
});

story('lost answer: set aside, settled later from the list, and it survives a reload', async (t) => {
  const shop = await open(t, { steps: ['outcome = "close"'] });
  const till = await shop.till();
  await till.asks(1250);
  await till.sees({ phase: 'closed', outcome: 'unknown', charged: 'maybe', code: 'connection_closed' });
  await till.part('settle-current').click();
  await till.part('settle-later').click();
  await till.part('new-sale').click();
  await till.sees({ phase: 'idle' });
  await till.page.reload();
  await till.isConnected();
  await till.part('settle-open').click();
  await till.settles('yes');
  await till.page.locator('[data-testid="sales"] li[data-charged="yes"]').waitFor();
  assert.match(await till.reads('sales-total'), /^12,50 €$/);
  await till.hasAcknowledged();
  await shop.terminal.onlyCharge();
  const { charged, acknowledged } = await shop.onlyPayment();
  assert.deepEqual([charged, acknowledged], ['yes', true]);
});

story('a name is needed to settle, and Enter chooses nothing', async (t) => {
  const shop = await open(t, { steps: ['outcome = "close"'] });
  const till = await shop.till();
  await till.asks(1250);
  await till.sees({ outcome: 'unknown' });
  await till.part('settle-current').click();
  await till.part('settle-yes').click();
  await till.part('settle-by').fill('Camille');
  await till.part('settle-by').press('Enter');
  assert.equal(await till.part('settle').isVisible(), true);
  assert.equal((await shop.onlyPayment()).charged, 'maybe');
});

story('given up on the till: it is the red key that ends it', async (t) => {
  const shop = await open(t, { steps: [PERSON] });
  const till = await shop.till();
  await till.asks(1250);
  await till.waitsForCard();
  await till.part('cancel').click();
  await till.page.locator('[data-testid="cancel"]:disabled').waitFor();
  await till.waitsForCard();
  await shop.terminal.press('red');
  await till.sees({ phase: 'closed', outcome: 'declined', charged: 'no' });
  await till.hasAcknowledged();
  assert.equal((await shop.onlyPayment()).cancel_requested, true);
  assert.deepEqual(await shop.terminal.charges(), []);
});
