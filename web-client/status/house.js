// How the relay is: one sentence above everything, and the facts below.

import { $, announce, draw, facts, h, icon } from './dom.js';
import { currencies } from './day.js';
import { contradictions, doubtWords, ofDay } from './payments.js';
import { count, date, dayName, knows, moment, money, number, say, size } from './words.js';

/** @typedef {import('./status.js').Shop} Shop */
/** @typedef {{ tone: 'bad' | 'warn', words: string, at?: string }} Issue */

/** A disk with less than this is soon full. */
const LITTLE_ROOM = 500e6;
/** The relay renews its certificate well before. */
const SOON = 7 * 24 * 3600_000;

let before = '';

/** What is not well, the worst first. @param {Shop} shop @returns {Issue[]} */
function issues(shop) {
  const { overview } = shop;
  if (!overview) return [];
  const { journal, unknown, origins, terminals, distrust, certificate } = overview;
  const waiting = origins.filter((/** @type {any} */ { state }) => state === 'waiting').length;
  const doubt = doubtWords(shop);
  const failed = terminals.filter((/** @type {any} */ { name }) => shop.tests.get(name)?.tone === 'bad');
  const ends = certificate && Date.parse(certificate.not_after) - Date.now() < SOON;
  /** @type {[any, 'bad' | 'warn', () => string, string?][]} */
  const all = [
    [journal.unsaved > 0, 'bad', () => say('issue_unsaved', { n: journal.unsaved })],
    [unknown === null, 'bad', () => say('issue_unreadable')],
    [contradictions(shop).length > 0, 'bad', () => say('issue_contradicted'), '#todo'],
    [doubt, 'warn', () => doubt ?? '', '#todo'],
    [waiting > 0, 'warn', () => count('issue_waiting', waiting), '#todo'],
    [terminals.length === 0, 'warn', () => say('issue_no_terminal'), '#terminals'],
    ...failed.map((/** @type {any} */ { label }) => /** @type {any} */ ([true, 'warn', () => say('issue_terminal', { terminal: label }), '#terminals'])),
    [distrust, 'warn', () => distrust.message, '#certificate'],
    [ends, 'warn', () => say('issue_ends', { date: date(certificate.not_after) }), '#certificate'],
    [journal.free !== null && journal.free < LITTLE_ROOM, 'warn', () => say('issue_room', { free: size(journal.free) }), '#relay'],
    [shop.stopping, 'warn', () => shop.stopping || say('issue_stopping')],
  ];
  return all.filter(([there]) => there).map(([, tone, words, at]) => ({ tone, words: words(), at }));
}

/** @param {Shop} shop */
export function drawVerdict(shop) {
  if (!shop.known) return;
  const found = shop.connected ? issues(shop) : [];
  const paying = (shop.overview?.terminals ?? []).some((/** @type {any} */ { held_by }) => held_by?.payment && !shop.payments.get(held_by.payment)?.outcome);
  const tone = !shop.connected || found.some((issue) => issue.tone === 'bad') ? 'bad' : found.length > 0 ? 'warn' : 'ok';
  const title = !shop.connected ? say('stopped') : found.length > 0 ? count('attention', found.length) : say('all_well');
  const words = !shop.connected ? say('stopped_text') : found.length === 0 ? say('all_well_text') : null;
  const place = $('verdict');
  place.dataset.tone = tone;
  draw(place,
    h('div', { class: 'face' },
      h('span', { class: 'badge' }, icon(tone)),
      h('div', {}, h('h2', { id: 'verdict-title', 'data-testid': 'verdict-title' }, title), words && h('p', {}, words)),
      paying && shop.connected && h('p', { class: 'tag wait' }, say('paying'))),
    found.length > 0 && h('ul', { class: 'issues', 'data-testid': 'issues' }, found.map((issue) => h('li', { class: issue.tone }, issue.at ? h('a', { href: issue.at }, issue.words) : issue.words))),
    shop.overview && tiles(shop));
  document.title = tone === 'ok' ? 'Caisse Relay' : `(!) ${title} · Caisse Relay`;
  const heard = [title, ...found.map((issue) => issue.words)].join(' ');
  if (before && heard !== before) announce(heard);
  before = heard;
}

/** @param {Shop} shop */
function tiles(shop) {
  const { terminals, tills, journal } = shop.overview;
  const free = terminals.filter((/** @type {any} */ { state }) => state === 'free').length;
  const sums = currencies(shop.totals).map(([currency, sum]) => money(sum, currency));
  const terminalWords = [free > 0 && say('free_one', { n: free }), terminals.length > free && say('busy_one', { n: terminals.length - free })];
  const day = dayName(shop.day);
  return h('div', { class: 'tiles' },
    tile('#terminals', say('tile_terminals'), terminalWords.filter(Boolean).join(', ') || say('none')),
    tile('#payments', shop.isToday() ? say('tile_today') : day, sums.join(' + ') || '–', count('tile_payments', ofDay(shop).length)),
    tile('#tills', say('tile_tills'), tills.length === 0 ? say('none_f') : number(tills.length), tills.length > 0 ? say('tile_connected', { n: tills.filter((/** @type {any} */ { connected }) => connected).length }) : ''),
    tile('#relay', say('tile_room'), journal.free === null ? '–' : size(journal.free)));
}

/** @param {string} at @param {string} name @param {string} value @param {string} [more] */
function tile(at, name, value, more) {
  return h('a', { href: at, class: 'tile' }, h('small', {}, name), ' ', h('b', {}, value), more && [' ', h('span', {}, more)]);
}

/** @param {Shop} shop */
export function drawCertificate(shop) {
  const { certificate, distrust } = shop.overview ?? {};
  draw($('certificate-facts'),
    distrust && h('p', { class: 'answer warn', 'data-testid': 'distrust' }, distrust.message, ' ', h('small', {}, say('distrust_count', { n: distrust.count, at: moment(distrust.at) }))),
    certificate && h('p', { class: 'note' }, say('compare')),
    shop.overview && !certificate && h('p', { class: 'empty' }, say('no_certificate')),
    certificate && facts(
      [say('until'), date(certificate.not_after)],
      [say('authority'), certificate.authority],
      [say('fingerprint'), h('code', { class: 'fingerprint' }, certificate.fingerprint)],
      [say('names'), certificate.names.join(', ')]));
}

/** @param {Shop} shop */
export function drawRelay(shop) {
  const { version, started_at, urls, journal } = shop.overview ?? {};
  draw($('relay-facts'),
    version && facts(
      [say('version'), version],
      [say('started'), moment(started_at)],
      [say('room'), journal.free === null ? null : size(journal.free)],
      [say('addresses'), urls.map((/** @type {string} */ url) => h('code', {}, url))]),
    h('p', {}, h('a', { href: '/demo/' }, say('demo'))));
}

/** @param {Shop} shop */
export function drawEvents(shop) {
  const words = (/** @type {any} */ event) => {
    const key = `event_${event.kind}`;
    const values = { ...event, by: event.by ?? '', terminal: event.terminal ? shop.label(event.terminal) : '' };
    return knows(key) ? say(key, values) : [event.kind, event.by, event.note].filter(Boolean).join(' · ');
  };
  draw($('event-list'),
    shop.events.length === 0 && h('p', { class: 'empty' }, say('no_events')),
    h('ul', { class: 'list events' }, [...shop.events].reverse().map((event) => h('li', {}, h('time', { datetime: event.at }, moment(event.at)), h('span', {}, words(event))))));
}
