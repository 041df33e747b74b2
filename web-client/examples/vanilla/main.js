// A till in plain JavaScript, with the client alone: what the other examples leave to a dialog or a hook is spelled out.

import { connect } from 'caisse-relay-client';
import { address, nextSale, record, showBooks } from '../books.js';

const $ = (id) => document.getElementById(id);
const relay = connect({ url: address(), till: 'Caisse 1', lang: 'fr' });
/** The payment that is shown. */
let shown = null;

relay.on('state', showConnection);
showConnection(relay.status);
showBooks($('books'));

// A payment: its end comes as news, like every change.
$('sale').addEventListener('submit', async (event) => {
  event.preventDefault();
  $('pay').disabled = true;
  const amount = Math.round($('amount').valueAsNumber * 100);
  await relay.pay({ amount, currency: 'EUR', reference: nextSale() }).catch(refused);
  enable();
});

// After a load, and after each reconnection: what this till has not on record.
relay.on('welcome', async () => {
  const open = await relay.unacknowledged();
  const ids = new Set([...(await relay.pending()), ...open.map(({ id }) => id)]);
  for (const id of ids) relay.resume(id).catch(refused);
  enable();
});

relay.on('payment', async (payment) => {
  if (payment.till !== relay.till) return;
  shown = payment;
  show();
  if (payment.phase === 'waiting') return;
  await record(payment);
  // In doubt it is not over: the relay goes on telling it until a person or the terminal has said.
  if (payment.charged !== 'maybe' && !payment.acknowledged) relay.acknowledge(payment.id, payment.outcome).catch(() => {});
});

$('cancel').addEventListener('click', () => relay.cancel(shown.id));
for (const answer of ['yes', 'no']) {
  $(answer).addEventListener('click', () => {
    if (!$('by').value.trim()) return $('by').focus();
    relay.resolve(shown.id, { charged: answer, by: $('by').value.trim() });
  });
}
$('retry').addEventListener('click', () => relay.retry());
$('pairing').addEventListener('submit', async (event) => {
  event.preventDefault();
  await relay.pair($('code').value).catch(({ message }) => ($('message').textContent = message));
});

function showConnection({ state, message, remedy }) {
  $('away').dataset.state = state;
  $('away').hidden = state === 'ready';
  $('message').textContent = `${message} ${remedy}`;
  $('pairing').hidden = state !== 'not_paired';
  enable();
}

function show() {
  const { phase, outcome, charged, advice, step } = shown;
  $('stage').textContent = advice;
  Object.assign($('stage').dataset, { stage: outcome ?? phase, charged, step: step ?? '' });
  $('cancel').hidden = phase !== 'waiting';
  $('doubt').hidden = charged !== 'maybe' || phase === 'waiting';
  enable();
}

function refused({ code, message }) {
  if (code === 'closed') return;
  $('stage').textContent = message;
  Object.assign($('stage').dataset, { stage: 'refused', charged: 'no', code });
}

/** No second payment while the first is open or in doubt: that is how a card is charged twice. */
function enable() {
  $('pay').disabled = relay.state !== 'ready' || shown?.phase === 'waiting' || shown?.charged === 'maybe';
}
