// What a day came to, and the day as a file.

import { $, announce, draw, h } from './dom.js';
import { ofDay } from './payments.js';
import { dayName, money, number, say } from './words.js';

/** @typedef {import('./status.js').Shop} Shop */

/** Payments add, what is given back takes away. @param {any} total */
const signed = ({ operation, sum }) => (operation === 'debit' ? sum : -sum);

/** @param {Shop} shop */
export function drawTotals(shop) {
  $('totals-title').textContent = say('totals_of', { day: dayName(shop.day) });
  const totals = shop.totals;
  const terminals = [...new Set(totals.map(({ terminal }) => terminal))];
  $('export').hidden = ofDay(shop).length === 0;
  draw($('total-list'),
    totals.length === 0 && h('p', { class: 'empty' }, say('no_totals')),
    terminals.map((terminal) => table(shop.label(terminal), totals.filter((total) => total.terminal === terminal))),
    terminals.length > 1 && net(totals));
}

/** @param {string} label @param {any[]} totals */
function table(label, totals) {
  const settled = totals.reduce((sum, total) => sum + total.settled, 0);
  return h('table', {},
    h('caption', {}, label),
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, say('totals_operation')), h('th', { scope: 'col', class: 'n' }, say('totals_count')), h('th', { scope: 'col', class: 'n' }, say('totals_sum')))),
    h('tbody', {}, totals.filter(({ done }) => done > 0).map((total) => h('tr', {},
      h('th', { scope: 'row' }, say(`op_${total.operation}`), ', ', say(`means_${total.means}`)),
      h('td', { class: 'n' }, number(total.done)),
      h('td', { class: 'n' }, money(signed(total), total.currency))))),
    h('tfoot', {},
      currencies(totals).map(([currency, sum]) => h('tr', { class: 'net' }, h('th', { scope: 'row', colspan: 2 }, say('totals_net')), h('td', { class: 'n' }, money(sum, currency)))),
      settled > 0 && h('tr', {}, h('td', { colspan: 3, class: 'note' }, say('totals_settled', { n: settled }))),
      totals.filter((total) => total.unknown > 0).map((total) => h('tr', { class: 'doubt' },
        h('th', { scope: 'row', colspan: 2 }, say('totals_unknown', { n: total.unknown })),
        h('td', { class: 'n' }, money(total.unknown_sum, total.currency))))));
}

/** @param {any[]} totals */
function net(totals) {
  return h('table', { class: 'all' },
    h('caption', { class: 'unseen' }, say('totals_all')),
    h('tbody', {}, currencies(totals).map(([currency, sum]) => h('tr', { class: 'net' }, h('th', { scope: 'row' }, say('totals_all')), h('td', { class: 'n' }, money(sum, currency))))));
}

/** What each currency came to. @param {any[]} totals @returns {[string, number][]} */
export function currencies(totals) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const total of totals) {
    if (total.done > 0) sums.set(total.currency, (sums.get(total.currency) ?? 0) + signed(total));
  }
  return [...sums];
}

/** The columns of `caisse-relay journal export`. @type {[string, (payment: any) => any][]} */
const COLUMNS = [
  ...['seq', 'opened_at', 'closed_at', 'till', 'terminal', 'operation', 'amount', 'currency', 'means', 'reference', 'outcome', 'charged', 'paid', 'reason']
    .map((name) => /** @type {[string, (payment: any) => any]} */ ([name, (payment) => payment[name]])),
  ['report', ({ report }) => report?.code],
  ['card', ({ receipt }) => receipt?.card],
  ['authorization', ({ receipt }) => receipt?.authorization],
  ['application', ({ receipt }) => receipt?.application?.label],
  ['id', ({ id }) => id],
];

/** @param {any[]} payments */
export function csv(payments) {
  const rows = payments.map((payment) => COLUMNS.map(([, value]) => cell(value(payment) ?? '')).join(','));
  return [COLUMNS.map(([name]) => name).join(','), ...rows, ''].join('\r\n');
}

/** A spreadsheet takes a leading `=`, `+`, `-` or `@` for a formula. @param {any} value */
function cell(value) {
  const text = /^[=+\-@]/.test(String(value)) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The day's payments, oldest first, and what they came to. @param {Shop} shop @param {'csv' | 'json'} format */
export function save(shop, format) {
  const payments = ofDay(shop).reverse();
  const { from, to } = shop.bounds();
  const whole = { from: from.toISOString(), to: to.toISOString(), totals: shop.totals, payments: payments.map(({ type, ...payment }) => payment) };
  const text = format === 'csv' ? `\ufeff${csv(payments)}` : `${JSON.stringify(whole, null, 2)}\n`;
  const url = URL.createObjectURL(new Blob([text], { type: format === 'csv' ? 'text/csv' : 'application/json' }));
  const link = h('a', { href: url, download: `caisse-relay-${shop.dayCode()}.${format}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  announce(say('exported', { n: payments.length }));
}
