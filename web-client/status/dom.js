// Elements, and places of the page that are drawn again when something changed.

/**
 * An element: `h('button', { class: 'strong', onclick: act }, 'Words')`.
 * @param {string} tag @param {Record<string, any>} [properties] @param {...any} children
 * @returns {any}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A picture that says nothing that words beside it do not say. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.append(use);
  return svg;
}

/** What is drawn twice the same is left alone; the focus and what is unfolded stay. @param {any} place @param {...any} children */
export function draw(place, ...children) {
  const fresh = h('div', {}, ...children);
  const had = place.contains(document.activeElement) ? key(document.activeElement) : null;
  for (const open of place.querySelectorAll('details[open][data-key]')) {
    fresh.querySelector(`details[data-key="${CSS.escape(open.dataset.key)}"]`)?.setAttribute('open', '');
  }
  if (place.innerHTML === fresh.innerHTML) return;
  place.replaceChildren(...fresh.childNodes);
  if (had) place.querySelector(`[data-key="${CSS.escape(had)}"]`)?.focus({ preventScroll: true });
}

/** @param {any} element */
function key(element) {
  return element?.dataset?.key ?? null;
}

/** @param {string} id @returns {any} */
export const $ = (id) => document.getElementById(id);

/** The rows of a list of facts. @param {...([string, any] | null | false)} rows */
export function facts(...rows) {
  const shown = rows.filter((row) => row && row[1] !== null && row[1] !== undefined && row[1] !== '');
  return h('dl', {}, shown.map((row) => h('div', {}, h('dt', {}, /** @type {any} */ (row)[0]), h('dd', {}, /** @type {any} */ (row)[1]))));
}

/** The page's one dialog. @param {...any} children */
export function ask(...children) {
  const dialog = $('dialog');
  dialog.replaceChildren(...children.flat(Infinity).filter(Boolean));
  if (!dialog.open) dialog.showModal();
  dialog.querySelector('[autofocus]')?.focus();
  return dialog;
}

/** Something for who does not look at the screen. @param {string} text */
export function announce(text) {
  $('said').textContent = text;
}
