// The assistant for a payment that nobody can tell the outcome of: what to look
// for on the terminal's ticket, yes or no, and who says so.

import { $, announce, ask, facts, h } from './dom.js';
import { clock, date, moment, money, say } from './words.js';

/** @typedef {import('./status.js').Shop} Shop */

const NAME = 'caisse-relay.name';

/** Who looks after the relay most often is the same person. */
export function lastName() {
  return localStorage.getItem(NAME) ?? '';
}

/** @param {string} name */
export function keepName(name) {
  localStorage.setItem(NAME, name);
}

/** @param {Shop} shop @param {string} id */
export function settle(shop, id) {
  const payment = shop.payments.get(id);
  if (!payment) return;
  const by = h('input', { id: 'settle-by', 'data-testid': 'settle-by', maxlength: 64, required: true, autocomplete: 'name', autofocus: true });
  by.value = lastName();
  const note = h('input', { id: 'settle-note', 'data-testid': 'settle-note', maxlength: 500 });
  const error = h('p', { class: 'error', role: 'alert', 'data-testid': 'settle-error', hidden: true });
  const choice = (/** @type {string} */ charged) => h('button', { type: 'button', class: `choice ${charged}`, 'data-testid': `settle-${charged}`, onclick: () => done(charged) }, say(`settle_${charged}`));

  const dialog = ask(
    h('h2', { id: 'dialog-title' }, say('settle_title')),
    h('p', {}, say('settle_look')),
    facts(
      [say('f_amount'), h('b', {}, money(payment.amount, payment.currency), ' · ', say(`op_${payment.operation}`))],
      [say('f_time'), `${clock(payment.sent_at ?? payment.opened_at)} · ${date(payment.opened_at)}`],
      [say('f_terminal'), shop.label(payment.terminal)],
      [say('f_reference'), payment.reference]),
    h('ul', { class: 'rules' }, h('li', {}, say('settle_rule_yes')), h('li', {}, say('settle_rule_no'))),
    payment.evidence && evidence(payment),
    h('label', {}, h('span', {}, say('your_name')), by),
    h('label', {}, h('span', {}, say('note')), note),
    error,
    h('div', { class: 'choices' }, choice('yes'), choice('no')),
    h('button', { type: 'button', class: 'quiet', 'data-testid': 'settle-later', onclick: () => dialog.close() }, say('later')));

  /** @param {string} charged */
  async function done(charged) {
    const complain = (/** @type {string} */ words) => {
      error.textContent = words;
      error.hidden = false;
    };
    if (!by.value.trim()) {
      complain(say('name_missing'));
      return by.focus();
    }
    keepName(by.value.trim());
    try {
      const message = { type: 'resolve', id, charged, by: by.value.trim(), note: note.value.trim() || undefined };
      await shop.relay.about(message, (answer) => answer.resolved || answer.outcome !== 'unknown');
      dialog.close();
      $('verdict').focus();
      announce(say('settled_now'));
    } catch (refused) {
      complain(/** @type {Error} */ (refused).message);
    }
  }
}

/** @param {any} payment */
function evidence({ evidence: said, amount, currency }) {
  const [words, tone] = said.amount === null ? [say('evidence_none'), 'off'] : said.amount === amount ? [say('evidence_same'), 'ok'] : [say('evidence_other'), 'bad'];
  return h('section', { class: `evidence ${tone}`, 'data-testid': 'evidence' },
    h('h3', {}, say('evidence')),
    facts(
      [say('f_operation'), say(said.done ? 'evidence_done' : 'evidence_not_done')],
      [say('f_amount'), said.amount !== null && money(said.amount, currency)],
      [say('f_authorization'), said.authorization],
      [say('f_card'), said.card],
      // Not when the operation was: the terminal does not say that.
      [say('f_asked_at'), moment(said.at)]),
    h('p', {}, words));
}
