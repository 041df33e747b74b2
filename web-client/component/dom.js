// The dialog's parts, made once. What they say and which are shown is drawn at each change.

const SVG = 'http://www.w3.org/2000/svg';
const ICONS = {
  yes: 'm5 12.5 4.5 4.5L19 7.5',
  no: 'm7 7 10 10M17 7 7 17',
  maybe: 'M9 9.2a3 3 0 1 1 4.6 2.5c-1 .7-1.6 1.2-1.6 2.3M12 17.6v.1',
  stop: 'M6 12h12',
  card: 'M3.5 10h17M3.5 8A2 2 0 0 1 5.5 6h13a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2zM7 14.5h3',
};

/** @typedef {keyof typeof ICONS} Icon */

/**
 * @param {string} tag @param {Record<string, string>} [attributes] `part` is also its id
 * @param {...(Element | string)} children @returns {any}
 */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (attributes.part) element.id = attributes.part.split(' ')[0];
  element.append(...children);
  return element;
}

/** @param {string} name @param {string} [kind] */
function button(name, kind = '') {
  return make('button', { type: 'button', part: `${name} button${kind && ` ${kind}`}`, hidden: '' });
}

/** @param {string} name */
function fact(name) {
  return make('div', { hidden: '' }, make('dt', { id: `${name}-word` }), make('dd', { part: name }));
}

/** @returns {{ dialog: HTMLDialogElement, part: (name: string) => any, icon: (name: Icon) => void }} */
export function makeDialog() {
  const path = document.createElementNS(SVG, 'path');
  const icon = document.createElementNS(SVG, 'svg');
  icon.setAttribute('viewBox', '0 0 24 24');
  icon.setAttribute('aria-hidden', 'true');
  icon.append(path);

  const field = { maxlength: '64', autocomplete: 'off', spellcheck: 'false', required: '' };
  const digits = { inputmode: 'numeric', pattern: '\\s*(\\d\\s*){6}', maxlength: '9', autocomplete: 'one-time-code', spellcheck: 'false', required: '' };
  const dialog = make(
    'dialog',
    { part: 'dialog', 'aria-labelledby': 'operation amount' },
    make('header', { part: 'header' }, make('p', { part: 'operation' }), make('p', { part: 'amount' })),
    make(
      'section',
      { part: 'connection', role: 'status', hidden: '' },
      make('p', { part: 'message' }),
      make('p', { part: 'remedy' }),
      make('form', { part: 'pairing', hidden: '' }, make('label', {}, make('span', { id: 'code-word' }), make('input', { part: 'code field', ...digits })), make('button', { type: 'submit', part: 'pair button primary' })),
      button('retry'),
    ),
    make(
      'section',
      { part: 'outcome' },
      make('div', { part: 'badge' }, icon),
      make('div', { part: 'news', role: 'status' }, make('h2', { part: 'title', tabindex: '-1' }), make('p', { part: 'advice' })),
    ),
    make('ol', { part: 'steps', hidden: '' }, ...['call', 'card', 'answer'].map((name) => make('li', { id: `step_${name}` }))),
    make('dl', { part: 'facts' }, ...['paid', 'left', 'report', 'holder', 'card', 'authorization', 'said'].map(fact)),
    make(
      'form',
      { part: 'assistant', hidden: '', 'aria-labelledby': 'question' },
      make('h3', { part: 'question' }),
      make('p', { part: 'evidence', hidden: '' }),
      make('label', {}, make('span', { id: 'by-word' }), make('input', { part: 'by field', name: 'by', ...field })),
      make('div', { class: 'answers' }, make('button', { type: 'button', part: 'yes button answer', value: 'yes' }), make('button', { type: 'button', part: 'no button answer', value: 'no' })),
    ),
    make('details', { part: 'ticket-details', hidden: '' }, make('summary', { id: 'ticket-word' }), make('pre', { part: 'ticket', tabindex: '0' })),
    make('p', { part: 'unrecorded', role: 'alert', hidden: '' }),
    make('p', { part: 'error', role: 'alert', hidden: '' }),
    make('footer', { part: 'footer' }, ...['cancel', 'later', 'insist', 'first', 'record', 'close'].map((name) => button(name)), ...['again', 'start', 'done'].map((name) => button(name, 'primary'))),
  );
  return {
    dialog,
    part: (name) => dialog.querySelector(`#${name}`),
    icon: (name) => path.setAttribute('d', ICONS[name]),
  };
}
