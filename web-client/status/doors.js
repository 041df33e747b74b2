// Who may come in: the sites that tills are pages of, and the tills of the network.

import { $, ask, draw, h } from './dom.js';
import { moment, say } from './words.js';

/** @typedef {import('./status.js').Shop} Shop */

/** @param {Shop} shop */
export function drawPages(shop) {
  // Those that wait stand above everything.
  const origins = (shop.overview?.origins ?? []).filter((/** @type {any} */ { state }) => state !== 'waiting');
  draw($('page-list'),
    shop.overview && origins.length === 0 && h('p', { class: 'empty' }, say('no_pages')),
    h('ul', { class: 'list' }, origins.map((/** @type {any} */ origin) => h('li', { class: 'door', 'data-origin': origin.origin, 'data-state': origin.state }, page(shop, origin)))));
}

/** @param {Shop} shop @param {any} entry */
function page(shop, { origin, state, since }) {
  const button = (/** @type {string} */ decision) => h('button', {
    type: 'button', 'data-key': `${decision} ${origin}`, 'data-testid': decision, 'aria-label': say(`${decision}_name`, { origin }),
    onclick: () => shop.does({ type: 'origin', origin, decision }),
  }, say(decision));
  const offered = { configured: ['refuse'], allowed: ['refuse', 'forget'], refused: ['allow', 'forget'] };
  const tone = { configured: 'ok', allowed: 'ok', refused: 'off' };
  return [
    h('div', { class: 'who' }, h('b', { class: 'origin' }, origin),
      h('small', {}, h('span', { class: `tag ${/** @type {any} */ (tone)[state]}` }, say(`page_${state}`)), since && ` ${moment(since)}`)),
    h('div', { class: 'row' }, /** @type {any} */ (offered)[state].map(button)),
  ];
}

/** @param {Shop} shop */
export function drawTills(shop) {
  const tills = shop.overview?.tills ?? [];
  const code = shop.overview?.pairing;
  draw($('till-list'),
    code && h('p', { class: 'answer wait', 'data-testid': 'pair-now' }, say('pair_now', { at: moment(code.until) }), ' ', h('b', {}, code.code)),
    shop.overview && tills.length === 0 && h('p', { class: 'empty' }, say('no_tills')),
    h('ul', { class: 'list' }, tills.map((/** @type {any} */ till) => h('li', { class: 'door', 'data-till': till.till }, card(shop, till)))));
}

/** @param {Shop} shop @param {any} entry */
function card(shop, { till, terminals, operations, paired_at, seen_at, connected }) {
  const limits = [
    terminals && say('only_terminals', { list: terminals.map((/** @type {string} */ name) => shop.label(name)).join(', ') }),
    operations && say('only_operations', { list: operations.map((/** @type {string} */ name) => say(`may_${name}`)).join(', ') }),
  ];
  const here = connected ? say('connected') : seen_at ? say('last_seen', { at: moment(seen_at) }) : say('not_seen');
  return [
    h('div', { class: 'who' }, h('b', {}, till),
      h('small', {}, h('span', { class: `tag ${connected ? 'ok' : 'off'}` }, here), ' ', say('paired_at', { at: moment(paired_at) })),
      limits.filter(Boolean).map((words) => h('small', {}, words))),
    h('div', { class: 'row' }, h('button', { type: 'button', 'data-key': `revoke ${till}`, 'data-testid': 'revoke', 'aria-label': say('revoke_name', { till }), onclick: () => revoke(shop, till) }, say('revoke'))),
  ];
}

/** @param {Shop} shop @param {string} till */
function revoke(shop, till) {
  const yes = async () => {
    await shop.does({ type: 'revoke', till });
    dialog.close();
  };
  const dialog = ask(
    h('h2', { id: 'dialog-title' }, say('revoke_title', { till })),
    h('p', {}, say('revoke_text')),
    h('div', { class: 'row' },
      h('button', { type: 'button', class: 'strong', 'data-testid': 'revoke-do', onclick: yes }, say('revoke_do')),
      h('button', { type: 'button', class: 'quiet', autofocus: true, onclick: () => dialog.close() }, say('later'))));
}
