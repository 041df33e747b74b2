// What waits for a person, and the payments of a day.

import { $, draw, facts, h } from './dom.js';
import { settle } from './settle.js';
import { clock, count, dayName, moment, money, say } from './words.js';

/** @typedef {import('./status.js').Shop} Shop */

/** As many as are shown before somebody asks for more. */
const AT_ONCE = 50;

/** @param {any} payment */
export function isInDoubt(payment) {
  return payment.outcome === 'unknown' && !payment.resolved;
}

/** The payments that nobody can tell the outcome of, oldest first. @param {Shop} shop */
export function doubts(shop) {
  return [...shop.payments.values()].filter(isInDoubt).sort((a, b) => a.seq - b.seq);
}

/** Contradictions of which a person has said in this browser that the till is right again. */
const CORRECTED = 'caisse-relay.corrected';

/** @returns {string[]} */
function corrected() {
  return (localStorage.getItem(CORRECTED) ?? '').split('\n');
}

/** @param {Shop} shop */
export function contradictions(shop) {
  const done = corrected();
  return [...shop.payments.values()].filter(({ id, contradicted }) => contradicted && !done.includes(id)).sort((a, b) => a.seq - b.seq);
}

/** The day's payments, newest first. @param {Shop} shop */
export function ofDay(shop) {
  const { from, to } = shop.bounds();
  return [...shop.payments.values()]
    .filter(({ opened_at }) => Date.parse(opened_at) >= from.getTime() && Date.parse(opened_at) < to.getTime())
    .sort((a, b) => (b.seq || Infinity) - (a.seq || Infinity) || Date.parse(b.opened_at) - Date.parse(a.opened_at));
}

/** What one word says of a payment, and in which tone. @param {any} payment @returns {[word: string, tone: string]} */
export function verdict(payment) {
  const { outcome, step, charged, contradicted, resolved } = payment;
  if (contradicted) return [say('outcome_contradicted'), 'bad'];
  if (!outcome) return [say(`outcome_${step ?? 'connecting'}`), 'wait'];
  if (outcome === 'unknown' && resolved) return [say(`outcome_${charged}`), charged === 'yes' ? 'ok' : 'off'];
  return [say(`outcome_${outcome}`), { approved: 'ok', declined: 'off', not_sent: 'off' }[/** @type {string} */ (outcome)] ?? 'warn'];
}

/** @param {Shop} shop */
export function drawTodo(shop) {
  const waiting = (shop.overview?.origins ?? []).filter((/** @type {any} */ origin) => origin.state === 'waiting');
  const cards = [
    ...contradictions(shop).map((payment) => contradiction(shop, payment)),
    ...doubts(shop).map((payment) => doubt(shop, payment)),
    ...waiting.map((/** @type {any} */ origin) => request(shop, origin)),
  ];
  $('todo').hidden = cards.length === 0;
  draw($('todo-list'), cards);
}

/** @param {Shop} shop @param {any} payment */
function heading(shop, payment) {
  return h('div', { class: 'sum' },
    h('h3', {}, h('b', {}, money(payment.amount, payment.currency)), ' ', say(`op_${payment.operation}`)),
    h('p', { class: 'note' }, [moment(payment.opened_at), shop.label(payment.terminal), payment.till, payment.reference].filter(Boolean).join(' · ')));
}

/** @param {Shop} shop @param {any} payment */
function doubt(shop, payment) {
  return h('article', { class: 'card warn', 'data-payment': payment.id },
    heading(shop, payment),
    h('p', {}, payment.advice),
    h('div', { class: 'row' }, h('button', {
      type: 'button', class: 'strong', 'data-key': `settle ${payment.id}`, 'data-testid': 'settle',
      'aria-label': say('settle_name', { amount: money(payment.amount, payment.currency), at: moment(payment.opened_at) }),
      onclick: () => settle(shop, payment.id),
    }, say('settle'))));
}

/** @param {Shop} shop @param {any} payment */
function contradiction(shop, payment) {
  const named = { amount: money(payment.amount, payment.currency), at: moment(payment.opened_at) };
  const done = () => {
    localStorage.setItem(CORRECTED, [...corrected(), payment.id].slice(-100).join('\n'));
    $('verdict').focus();
    shop.draw();
  };
  return h('article', { class: 'card bad', 'data-payment': payment.id, 'data-testid': 'contradiction' },
    h('p', { class: 'tag bad' }, say('contradicted')),
    heading(shop, payment),
    h('p', {}, payment.advice),
    h('div', { class: 'row' }, h('button', { type: 'button', 'data-key': `corrected ${payment.id}`, 'data-testid': 'corrected', 'aria-label': say('corrected_name', named), onclick: done }, say('corrected'))));
}

/** @param {Shop} shop @param {any} entry */
function request(shop, { origin }) {
  const decide = (/** @type {string} */ decision) => () => shop.does({ type: 'origin', origin, decision });
  return h('article', { class: 'card warn', 'data-origin': origin, 'data-testid': 'request' },
    h('p', { class: 'note' }, say('page_asks')),
    h('h3', { class: 'origin' }, origin),
    h('p', {}, say('page_asks_text')),
    h('div', { class: 'row' },
      h('button', { type: 'button', class: 'strong', 'data-key': `allow ${origin}`, 'data-testid': 'allow', 'aria-label': say('allow_name', { origin }), onclick: decide('allow') }, say('allow')),
      h('button', { type: 'button', 'data-key': `refuse ${origin}`, 'data-testid': 'refuse', 'aria-label': say('refuse_name', { origin }), onclick: decide('refuse') }, say('refuse'))));
}

/** @param {Shop} shop */
export function drawPayments(shop) {
  $('payments-title').textContent = say('payments_of', { day: dayName(shop.day) });
  const payments = ofDay(shop);
  const shown = payments.slice(0, shop.shown || AT_ONCE);
  const rest = payments.length - shown.length;
  const more = () => {
    shop.shown = Infinity;
    shop.draw();
  };
  draw($('payment-list'),
    payments.length === 0 && h('p', { class: 'empty' }, say('no_payments')),
    h('ul', { class: 'list' }, shown.map((payment) => h('li', {}, row(shop, payment)))),
    rest > 0 && h('div', { class: 'row' }, h('button', { type: 'button', 'data-testid': 'more', onclick: more }, say('show_more', { n: rest }))));
}

/** @param {Shop} shop @param {any} payment */
function row(shop, payment) {
  const [word, tone] = verdict(payment);
  const moved = payment.paid ?? payment.amount;
  const sign = payment.operation === 'debit' ? '' : '−\u202f';
  const kept = payment.charged === 'no' ? 'struck' : '';
  return h('details', { 'data-key': `payment ${payment.id}`, 'data-payment': payment.id, 'data-outcome': payment.outcome ?? '', 'data-charged': payment.charged },
    h('summary', { 'data-key': `summary ${payment.id}` },
      h('time', { datetime: payment.opened_at }, clock(payment.opened_at)),
      h('span', { class: 'what' },
        h('b', {}, payment.operation === 'debit' ? payment.till : `${say(`op_${payment.operation}`)} · ${payment.till}`),
        h('small', {}, [shop.label(payment.terminal), payment.means !== 'card' && say(`means_${payment.means}`), payment.reference].filter(Boolean).join(' · '))),
      h('span', { class: `amount ${kept}` }, `${sign}${money(moved, payment.currency)}`),
      h('span', { class: `tag ${tone}` }, word)),
    h('div', { class: 'more' },
      h('p', {}, payment.advice),
      facts(
        payment.paid !== null && payment.paid !== payment.amount && [say('f_asked'), money(payment.amount, payment.currency)],
        [say('f_card'), payment.receipt?.card],
        [say('f_application'), [payment.receipt?.application?.label, payment.receipt?.read_mode?.label].filter(Boolean).join(' · ')],
        [say('f_authorization'), payment.receipt?.authorization],
        [say('f_report'), payment.report && [payment.report.label, payment.report.message].filter(Boolean).join(' · ')],
        payment.resolved && [say('f_settled'), [say(`said_${payment.resolved.charged}`), payment.resolved.by, moment(payment.resolved.at), payment.resolved.note].filter(Boolean).join(' · ')],
        !payment.durable && [say('f_not_recorded'), say('not_recorded')],
        [say('f_id'), h('code', {}, payment.id)])));
}

/** @param {Shop} shop */
export function doubtWords(shop) {
  // The relay counts them too: the list may not be read yet.
  const n = Math.max(doubts(shop).length, shop.overview?.unknown ?? 0);
  return n > 0 ? count('issue_unknown', n) : null;
}
