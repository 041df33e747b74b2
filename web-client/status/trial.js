// A payment of one cent and its refund, to see a terminal work from end to end.

import { ask, h } from './dom.js';
import { verdict } from './payments.js';
import { say } from './words.js';

/** @typedef {import('./status.js').Shop} Shop */

/** While one trial is in doubt, the relay refuses the next one. */
const REFERENCE = 'essai-1-centime';

/** @param {Shop} shop @param {string} terminal */
export function trial(shop, terminal) {
  const steps = { debit: line('step_pay'), refund: line('step_refund') };
  const said = h('p', { class: 'answer', role: 'status', 'data-testid': 'trial-said', hidden: true });
  const pay = action('trial_pay', 'trial-pay', () => run('debit'));
  const refund = action('trial_refund', 'trial-refund', () => run('refund'));
  const cancel = h('button', { type: 'button', 'data-testid': 'trial-cancel', hidden: true, onclick: giveUp }, say('trial_cancel'));
  const close = h('button', { type: 'button', class: 'quiet', 'data-testid': 'trial-close', onclick: () => dialog.close() }, say('close'));
  refund.hidden = true;
  pay.autofocus = true;
  let id = '';
  const dialog = ask(
    h('h2', { id: 'dialog-title' }, say('trial_title', { terminal: shop.label(terminal) })),
    h('p', {}, say('trial_text')),
    h('ol', { class: 'steps' }, steps.debit, steps.refund),
    said,
    h('div', { class: 'row' }, pay, refund, cancel, close));

  /** @param {'debit' | 'refund'} operation */
  async function run(operation) {
    // Kept nowhere: a page that is reloaded is told of every payment of the day.
    id = crypto.randomUUID();
    tell(say('trial_waiting'), 'wait');
    pay.disabled = refund.disabled = true;
    cancel.hidden = false;
    cancel.focus();
    steps[operation].dataset.tone = 'wait';
    const forget = shop.follow(id, show);
    try {
      const order = { type: 'pay', id, terminal, operation, amount: 1, currency: 'EUR', reference: REFERENCE, receipt: false };
      const payment = await shop.relay.about(order, ({ phase }) => phase === 'closed');
      over(operation, payment);
    } catch (refused) {
      steps[operation].dataset.tone = 'bad';
      const { code, message } = /** @type {import('./relay.js').Refused} */ (refused);
      tell(message, 'bad');
      // It may be under way: the list of payments will say.
      pay.disabled = refund.disabled = code === 'connection_lost';
    }
    cancel.hidden = true;
    forget();
  }

  /** @param {any} payment */
  function show(payment) {
    tell(payment.advice, verdict(payment)[1]);
  }

  /** @param {'debit' | 'refund'} operation @param {any} payment */
  function over(operation, payment) {
    const done = payment.outcome === 'approved';
    steps[operation].dataset.tone = verdict(payment)[1];
    show(payment);
    // The journal is the page's record. One in doubt waits for a person.
    if (payment.outcome !== 'unknown') shop.acknowledge(payment);
    pay.hidden = done || operation === 'refund';
    refund.hidden = done === (operation === 'refund');
    pay.disabled = refund.disabled = payment.outcome === 'unknown';
    if (done && operation === 'refund') tell(say('trial_done'), 'ok');
    (done && operation === 'debit' ? refund : close).focus();
  }

  function giveUp() {
    shop.relay.about({ type: 'cancel', id }).catch(() => {});
  }

  /** @param {string} words @param {string} tone */
  function tell(words, tone) {
    said.textContent = words;
    said.className = `answer ${tone}`;
    said.hidden = false;
  }
}

/** @param {string} words @param {string} name @param {() => void} onclick */
function action(words, name, onclick) {
  return h('button', { type: 'button', class: 'strong', 'data-testid': name, onclick }, say(words));
}

/** @param {string} words */
function line(words) {
  return h('li', {}, say(words));
}
