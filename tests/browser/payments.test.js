// What people read on the page is what the terminal did and what the journal
// holds, once, for every way a payment can end at once.

import assert from 'node:assert/strict';
import { open, story } from './shop.js';

story('approved: the masked card, the authorization, one charge, one acknowledged payment', async (t) => {
  const shop = await open(t, { steps: ['outcome = "approve"\ncard = "513500######0031"\nauthorization = "735201"'] });
  const till = await shop.till();
  await till.asks(1250);
  await till.sees({ phase: 'closed', outcome: 'approved', charged: 'yes' });
  assert.equal(await till.reads('title'), 'Paiement accepté');
  assert.match(await till.reads('paid'), /^12,50 €$/);
  assert.match(await till.reads('card'), /^513500\D+0031$/);
  assert.equal(await till.reads('authorization'), '735201');
  assert.match(await till.reads('sales-total'), /^12,50 €$/);
  await till.hasAcknowledged();

  assert.equal((await shop.terminal.onlyCharge()).amount, 1250);
  const { phase, outcome, paid, acknowledged } = await shop.onlyPayment();
  assert.deepEqual({ phase, outcome, paid, acknowledged }, { phase: 'closed', outcome: 'approved', paid: 1250, acknowledged: true });
});

story('declined: why, and nothing charged', async (t) => {
  const words = 'report = "04"\nissuer_code = "51"\nissuer_message = "8PROVISION INSUFF."';
  const shop = await open(t, { steps: [`outcome = "decline"\n${words}`] });
  const till = await shop.till();
  await till.asks(1250);
  await till.sees({ phase: 'closed', outcome: 'declined', charged: 'no' });
  assert.match(await till.reads('report'), /PROVISION INSUFF/);
  await till.hasAcknowledged();
  assert.deepEqual(await shop.terminal.charges(), []);
  assert.equal((await shop.onlyPayment()).report.issuer_code, '51');
});

story('partial: what is left stays in the till', async (t) => {
  const shop = await open(t, { steps: ['outcome = "approve"\npaid = 3250'] });
  const till = await shop.till();
  await till.chooses('partial');
  await till.asks(5000);
  await till.sees({ phase: 'closed', outcome: 'approved' });
  assert.match(await till.reads('paid'), /^32,50 €$/);
  assert.equal(await till.part('amount').inputValue(), '17,50');
  await till.hasAcknowledged();
  assert.equal((await shop.terminal.onlyCharge()).paid, 3250);
  assert.equal((await shop.onlyPayment()).paid, 3250);
});

story('refund, then cancellation of a debit: money goes back', async (t) => {
  const shop = await open(t);
  const till = await shop.till();
  const sale = async (cents, button) => {
    await till.asks(cents, button);
    await till.sees({ phase: 'closed', outcome: 'approved' });
    await till.hasAcknowledged();
    await till.part('new-sale').click();
    await till.sees({ phase: 'idle' });
  };
  await sale(800, 'refund');
  await sale(2000, 'pay');
  await sale(2000, 'cancellation');
  const moved = (await shop.terminal.charges()).map(({ operation, paid }) => [operation, paid]);
  assert.deepEqual(moved, [['refund', 800], ['debit', 2000], ['cancellation', 2000]]);
  assert.match(await till.reads('sales-total'), /^-8,00 €$/);
  assert.equal((await shop.journal()).filter(({ acknowledged }) => acknowledged).length, 3);
});

story('cheque', async (t) => {
  const shop = await open(t);
  const till = await shop.till();
  await till.chooses('cheque');
  await till.asks(4000);
  await till.sees({ phase: 'closed', outcome: 'approved' });
  await till.hasAcknowledged();
  assert.equal((await shop.terminal.onlyCharge()).amount, 4000);
  assert.equal((await shop.onlyPayment()).means, 'cheque');
});

for (const split of ['every_byte', 'before_status']) {
  story(`an answer in pieces (${split}) is one approval`, async (t) => {
    const shop = await open(t, { steps: [`outcome = "approve"\nsplit = "${split}"\npause_ms = 1`] });
    const till = await shop.till();
    await till.asks(1250);
    await till.sees({ phase: 'closed', outcome: 'approved' });
    await till.hasAcknowledged();
    await shop.terminal.onlyCharge();
    assert.deepEqual((await shop.onlyPayment()).remarks, []);
  });
}

story('no terminal there: not sent, and nothing to doubt', async (t) => {
  const shop = await open(t, { port: 1 });
  const till = await shop.till();
  await till.asks(1250);
  await till.sees({ phase: 'closed', outcome: 'not_sent', charged: 'no', code: 'connection_refused' });
  assert.equal(await till.part('doubts').isVisible(), false);
  await till.hasAcknowledged();
  assert.deepEqual(await shop.terminal.operations(), []);
  assert.equal((await shop.onlyPayment()).outcome, 'not_sent');
});

story('a late answer against what a person said: both are shown, in red, until somebody looks', async (t) => {
  const shop = await open(t, { steps: ['outcome = "approve"\ndelay_ms = 4000'], patience: 1 });
  const till = await shop.till();
  await till.asks(1250);
  await till.sees({ outcome: 'unknown', charged: 'maybe' });
  await till.part('settle-current').click();
  await till.settles('no', 'Zoé');
  await till.sees({ outcome: 'unknown', charged: 'no', contradicted: 'false' });
  await till.part('new-sale').click();
  await till.sees({ phase: 'idle' });

  await till.sees({ outcome: 'approved', charged: 'yes', contradicted: 'true' });
  assert.equal(await till.reads('title'), 'Deux réponses contraires');
  assert.match(await till.reads('advice'), /deux réponses.*Zoé/i);
  assert.equal(await till.reads('resolved'), 'non payé · Zoé');
  const red = await till.page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = 'var(--no)';
    const colors = [probe, ...document.querySelectorAll('#title, #advice, .sales li small')].map((e) => getComputedStyle(e).color);
    probe.remove();
    return colors;
  });
  assert.deepEqual(red, [red[0], red[0], red[0], red[0]], 'title, advice and the line of the sale are red');
  await till.hasAcknowledged();
  assert.equal((await shop.terminal.onlyCharge()).amount, 1250);
  const { outcome, resolved, contradicted, acknowledged } = await shop.onlyPayment();
  const seen = { outcome, said: resolved.charged, contradicted, acknowledged };
  assert.deepEqual(seen, { outcome: 'approved', said: 'no', contradicted: true, acknowledged: true });
  if (process.env.SCREENSHOTS) await till.page.screenshot({ path: `${process.env.SCREENSHOTS}/contradicted.png`, animations: 'disabled' });
});

story('the terminal says who it is, and no money moves', async (t) => {
  const shop = await open(t);
  const till = await shop.till();
  await till.part('identify').click();
  await till.part('identified').and(till.page.locator('[data-state="ready"]')).waitFor();
  assert.deepEqual(await shop.journal(), []);
  assert.deepEqual(await shop.terminal.operations(), []);
});
