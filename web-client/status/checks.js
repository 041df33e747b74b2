// The doctor: the relay looks at everything that it needs, when somebody asks.

import { $, draw, h } from './dom.js';
import { say } from './words.js';

const TONES = { ok: 'ok', warning: 'warn', failure: 'bad' };
const ORDER = ['failure', 'warning', 'ok'];

/**
 * What is wrong first. The sentences come in the page's language.
 * @param {import('./status.js').Shop} shop
 */
export function drawChecks(shop) {
  $('checks').hidden = !shop.connected;
  const checks = [...(shop.checks ?? [])].sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state));
  draw($('check-list'),
    !shop.checks && h('p', { class: 'soft' }, say('checks_text')),
    checks.length > 0 && h('ul', { class: 'list' }, checks.map(({ code, state, message, remedy }) =>
      h('li', { 'data-check': code, 'data-state': state },
        h('p', { class: `answer ${TONES[/** @type {keyof typeof TONES} */ (state)]}` }, message, remedy && h('small', {}, ' ', remedy))))),
    h('div', { class: 'actions' },
      h('button', { type: 'button', 'data-key': 'checks', 'data-testid': 'run-checks', 'aria-disabled': shop.checking ? 'true' : null, onclick: () => shop.checking || run(shop) },
        say(shop.checking ? 'checking' : 'run_checks'))));
}

/** @param {import('./status.js').Shop} shop */
async function run(shop) {
  shop.checking = true;
  shop.draw();
  await shop.does({ type: 'doctor' });
  shop.checking = false;
  shop.draw();
}
