// A code for one till of the network: what it may do, the code, and its time.

import { $, announce, ask, h } from './dom.js';
import { say } from './words.js';

/** @typedef {import('./status.js').Shop} Shop */

const OPERATIONS = ['debit', 'refund', 'cancellation', 'settle', 'exchange'];

/** The code that the dialog shows. @type {{ code: string, until: string, tills: string[], seen: number } | null} */
let open = null;

/** @param {Shop} shop */
export function offer(shop) {
  const name = h('input', { 'data-testid': 'pair-name', maxlength: 64, autofocus: true });
  const terminals = (shop.overview?.terminals ?? []).map((/** @type {any} */ { name, label }) => box(`pair-terminal-${name}`, label, name));
  const operations = OPERATIONS.map((operation) => box(`pair-${operation}`, say(`may_${operation}`), operation));
  const error = h('p', { class: 'error', role: 'alert', hidden: true });
  const dialog = ask(
    h('h2', { id: 'dialog-title' }, say('pair_title')),
    h('label', {}, h('span', {}, say('pair_name')), name),
    terminals.length > 0 && h('fieldset', {}, h('legend', {}, say('pair_terminals')), terminals),
    h('fieldset', {}, h('legend', {}, say('pair_operations')), operations),
    error,
    h('div', { class: 'row' },
      h('button', { type: 'button', class: 'strong', 'data-testid': 'pair-open', onclick: begin }, say('pair_open')),
      h('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, say('later'))));

  async function begin() {
    const ticked = (/** @type {any[]} */ boxes) => boxes.filter((box) => box.firstChild.checked).map((box) => box.firstChild.value);
    const [reached, permitted] = [ticked(terminals), ticked(operations)];
    const complain = (/** @type {string} */ words) => {
      error.textContent = words;
      error.hidden = false;
    };
    if ((terminals.length > 0 && reached.length === 0) || permitted.length === 0) return complain(say('pair_nothing'));
    try {
      const { code, until, tablet } = await shop.relay.ask({
        type: 'open_pairing',
        till: name.value.trim() || undefined,
        // Everything is no list: a terminal that is added later is in it.
        terminals: reached.length === terminals.length ? undefined : reached,
        operations: permitted.length === operations.length ? undefined : permitted,
      });
      show(shop, code, until, tablet);
    } catch (refused) {
      complain(/** @type {Error} */ (refused).message);
    }
  }
}

/** @param {Shop} shop @param {string} code @param {string} until @param {{ url: string, qr: string } | null} [tablet] */
function show(shop, code, until, tablet) {
  open = { code, until, tills: names(shop), seen: shop.seen };
  const urls = shop.overview.urls;
  const near = urls.slice(1);
  const digits = h('p', { class: 'code', 'data-testid': 'pair-code', tabindex: -1, 'aria-label': [...code].join(' ') }, `${code.slice(0, 3)}\u2009${code.slice(3)}`);
  const close = () => {
    shop.does({ type: 'close_pairing' });
    dialog.close();
  };
  const dialog = ask(
    h('h2', { id: 'dialog-title' }, say('pair_code')),
    digits,
    h('p', { class: 'note', id: 'pair-left', 'data-testid': 'pair-left' }),
    near.length > 0 && h('div', {}, h('p', {}, say('pair_at')), h('ul', {}, near.map((/** @type {string} */ url) => h('li', {}, h('code', {}, new URL(url).host))))),
    tablet && h('div', { class: 'qr' }, h('p', {}, say('pair_tablet')), h('img', { 'data-testid': 'pair-qr', alt: say('pair_qr'), src: `data:image/svg+xml,${encodeURIComponent(tablet.qr)}` }), h('code', {}, tablet.url)),
    near.length === 0 && h('p', { class: 'answer warn' }, say('pair_local')),
    h('div', { class: 'row' }, h('button', { type: 'button', 'data-testid': 'pair-close', onclick: close }, say('pair_close'))));
  digits.focus();
  tick(shop);
}

/** Every second, and when the relay says something new. @param {Shop} shop */
export function tick(shop) {
  if (!open) return;
  const left = Math.ceil((Date.parse(open.until) - Date.now()) / 1000);
  const till = names(shop).find((name) => !open?.tills.includes(name));
  // Closed, used, or guessed at too often; or another one was opened elsewhere.
  const gone = shop.seen > open.seen && shop.overview.pairing?.code !== open.code;
  const line = $('pair-left');
  if (till || left <= 0 || gone) {
    const words = till ? say('pair_done', { till: JSON.parse(till)[0] }) : say('pair_over');
    open = null;
    announce(words);
    if (line && $('dialog').open) ask(h('h2', { id: 'dialog-title' }, words), h('div', { class: 'row' }, h('button', { type: 'button', class: 'strong', autofocus: true, 'data-testid': 'pair-end', onclick: () => $('dialog').close() }, say('close'))));
  } else if (line) {
    line.textContent = say('pair_left', { time: `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}` });
  }
}

/** Paired anew under the same name is new too. @param {Shop} shop @returns {string[]} */
function names(shop) {
  return (shop.overview?.tills ?? []).map((/** @type {any} */ { till, paired_at }) => JSON.stringify([till, paired_at]));
}

/** @param {string} name @param {string} words @param {string} value */
function box(name, words, value) {
  const input = h('input', { type: 'checkbox', value, 'data-testid': name });
  input.checked = true;
  return h('label', { class: 'tick' }, input, h('span', {}, words));
}
