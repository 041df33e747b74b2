// The place of the diagnosis: one message fills it, and without one it is not there.

import { $, draw, h } from './dom.js';

/**
 * @param {{ checks: { name: string, state: 'ok' | 'warning' | 'failure', message: string, remedy?: string | null }[] }} message
 *   sentences in the page's language
 */
export function drawChecks({ checks }) {
  const tones = { ok: 'ok', warning: 'warn', failure: 'bad' };
  $('checks').hidden = checks.length === 0;
  draw($('check-list'), h('ul', { class: 'list' }, checks.map(({ name, state, message, remedy }) => h('li', { 'data-check': name, 'data-state': state },
    h('p', { class: `answer ${tones[state]}` }, message, remedy && h('small', {}, ' ', remedy))))));
}
