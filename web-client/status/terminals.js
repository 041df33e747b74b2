// The terminals: what each is doing, and whether it answers.

import { $, announce, ask, draw, h } from './dom.js';
import { keepName, lastName } from './settle.js';
import { trial } from './trial.js';
import { say } from './words.js';

/** @typedef {import('./status.js').Shop} Shop */

/** @param {Shop} shop */
export function drawTerminals(shop) {
  const terminals = shop.overview?.terminals ?? [];
  draw($('terminal-list'),
    shop.overview && terminals.length === 0 && h('p', { class: 'empty' }, say('no_terminals')),
    h('ul', { class: 'list' }, terminals.map((/** @type {any} */ terminal) => h('li', {}, card(shop, terminal)))));
}

/** What a terminal is doing. @param {Shop} shop @param {any} terminal @returns {[words: string, tone: string]} */
function doing(shop, { state, held_by }) {
  if (state === 'free') return [say('terminal_free'), 'ok'];
  if (isHeld(shop, held_by)) return [say('terminal_held'), 'warn'];
  return [say(held_by?.payment ? 'terminal_paying' : 'terminal_asked', { till: held_by?.till ?? '' }), 'wait'];
}

/** By a payment whose deadline is over. @param {Shop} shop @param {any} holder */
function isHeld(shop, holder) {
  return holder?.payment && shop.payments.get(holder.payment)?.outcome === 'unknown';
}

/** @param {Shop} shop @param {any} terminal */
function card(shop, terminal) {
  const { name, label, state, held_by } = terminal;
  const [words, tone] = doing(shop, terminal);
  // Who pressed one keeps the focus: a disabled button would lose it.
  const busy = state !== 'free' || !shop.connected;
  const test = shop.tests.get(name);
  const named = { terminal: label };
  return h('article', { class: 'terminal', 'data-terminal': name, 'data-state': state },
    h('div', { class: 'sum' }, h('h3', {}, label), h('p', { class: `tag ${tone}`, 'data-testid': 'terminal-state' }, words)),
    test && h('p', { class: `answer ${test.tone}`, 'data-testid': 'identified', 'data-state': test.state }, test.words),
    h('div', { class: 'row' },
      h('button', { type: 'button', 'data-key': `test ${name}`, 'data-testid': 'test', 'aria-disabled': busy ? 'true' : null, 'aria-label': say('test_name', named), onclick: () => busy || identify(shop, name) }, say('test')),
      h('button', { type: 'button', 'data-key': `trial ${name}`, 'data-testid': 'trial', 'aria-disabled': busy ? 'true' : null, 'aria-label': say('trial_name', named), onclick: () => busy || trial(shop, name) }, say('trial')),
      isHeld(shop, held_by) && h('button', { type: 'button', class: 'strong', 'data-key': `release ${name}`, 'data-testid': 'release', 'aria-label': say('release_name', named), onclick: () => release(shop, name) }, say('release'))));
}

/** Asks a terminal who it is; the relay refuses while it carries a payment. @param {Shop} shop @param {string} terminal */
async function identify(shop, terminal) {
  const show = (/** @type {any} */ test) => {
    shop.tests.set(terminal, test);
    shop.draw();
  };
  show({ state: 'asking', tone: 'wait', words: say('testing') });
  try {
    const { state, message, version, terminal_id } = await shop.relay.ask({ type: 'identify', terminal });
    const details = [version, terminal_id].filter(Boolean).join(', ');
    show({ state, tone: state === 'ready' ? 'ok' : 'bad', words: details ? `${message} (${details})` : message });
    announce(message);
  } catch (refused) {
    const { message } = /** @type {Error} */ (refused);
    show({ state: 'refused', tone: 'warn', words: message });
    announce(message);
  }
}

/** @param {Shop} shop @param {string} terminal */
function release(shop, terminal) {
  const by = h('input', { 'data-testid': 'release-by', maxlength: 64, autocomplete: 'name', autofocus: true });
  by.value = lastName();
  const error = h('p', { class: 'error', role: 'alert', hidden: true });
  const free = async () => {
    try {
      if (!by.value.trim()) throw new Error(say('name_missing'));
      keepName(by.value.trim());
      await shop.relay.ask({ type: 'release', terminal, by: by.value.trim() });
      dialog.close();
    } catch (refused) {
      error.textContent = /** @type {Error} */ (refused).message;
      error.hidden = false;
    }
  };
  const dialog = ask(
    h('h2', { id: 'dialog-title' }, say('release_title', { terminal: shop.label(terminal) })),
    h('p', {}, say('release_text')),
    h('label', {}, h('span', {}, say('your_name')), by),
    error,
    h('div', { class: 'row' },
      h('button', { type: 'button', class: 'strong', 'data-testid': 'release-do', onclick: free }, say('release')),
      h('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, say('later'))));
}
