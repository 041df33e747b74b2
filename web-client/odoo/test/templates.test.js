// What the addon hangs into Odoo's own templates: found where Odoo has it, and drawn by OWL. The templates of Odoo are
// stand-ins with the same elements and classes; which these are is written in ODOO.md.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { JSDOM } from 'jsdom';
import { built } from './built.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const { window } = new JSDOM('<!doctype html><body></body>', { pretendToBeVisual: true, url: 'https://pos.example.test/' });
for (const name of Object.getOwnPropertyNames(window)) {
  if (!(name in globalThis)) globalThis[name] = window[name];
}
globalThis.Event = window.Event;
globalThis.window = window;
const { Component, mount, xml } = await import('../node_modules/@odoo/owl/dist/owl.es.js');

/** `hasclass` is Odoo's own: of the attribute `class`, and of no other. */
const xpathOf = (text) =>
  text.replaceAll(/hasclass\('([^']+)'\)/g, (_, name) => `contains(concat(' ', @class, ' '), ' ${name} ')`);

/** Odoo's template with the addon's in it. */
async function hung(series, file) {
  const addon = await built(series);
  const parse = (text) => new window.DOMParser().parseFromString(text, 'text/xml');
  const odoo = parse(await readFile(join(HERE, 'stubs', series, 'templates.xml'), 'utf8'));
  const ours = parse(await readFile(join(addon, 'static/src/app', file), 'utf8')).querySelector('[t-inherit]');
  const name = ours.getAttribute('t-inherit');
  const root = [...odoo.querySelectorAll('[t-name]')].find((template) => template.getAttribute('t-name') === name);
  assert.ok(root, `no ${name} in ${series}`);
  for (const operation of ours.children) {
    const expr = operation.getAttribute('expr');
    const alone = parse(root.outerHTML);
    const found = alone.evaluate(xpathOf(expr), alone, null, window.XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
    assert.equal(found.snapshotLength, 1, `${series}: ${expr}`);
    const path = [];
    for (let node = found.snapshotItem(0); node.parentElement; node = node.parentElement) path.unshift([...node.parentElement.children].indexOf(node));
    const target = path.reduce((node, index) => node.children[index], root);
    const place = { before: 'before', after: 'after' }[operation.getAttribute('position')];
    target[place](...[...operation.childNodes].map((node) => odoo.importNode(node, true)));
  }
  return root;
}

for (const series of ['19.0', '18.0', '17.0']) {
  test(`${series}: the menu has the panel, right before the end of the day`, async () => {
    const menu = await hung(series, 'navbar.xml');
    const items = [...menu.querySelectorAll('DropdownItem, li')];
    assert.deepEqual(items.map(({ textContent }) => textContent.trim().split(' ')[0]), ['Backend', 'Card', 'Close']);
    assert.match(items[1].getAttribute('t-if'), /pos\.caisseRelay$/);
  });
}

for (const series of ['19.0', '18.0']) {
  test(`${series}: a line says what the relay says, and a refund can be cancelled`, async (t) => {
    const template = await hung(series, 'payment_lines.xml');
    class Lines extends Component {
      static template = xml`${template.innerHTML.replaceAll(/<!--.*?-->/gs, '')}`;
      static props = ['*'];
    }
    const pressed = [];
    const draw = async (line, isRefundOrder) => {
      const target = document.body.appendChild(document.createElement('div'));
      const method = { use_payment_terminal: 'caisse_relay' };
      const paymentLines = [{ uuid: 'a', payment_status: 'waitingCard', payment_method_id: method, ...line }];
      const app = await mount(Lines, target, { props: { paymentLines, isRefundOrder, sendPaymentCancel: ({ uuid }) => pressed.push(uuid) } });
      t.after(() => app.__owl__.app.destroy());
      return target;
    };
    const told = await draw({ uiState: { caisse_relay: { advice: 'Présentez la carte.' } } }, false);
    assert.equal(told.querySelector('.caisse-relay-advice').textContent, 'Présentez la carte.');
    assert.equal(told.querySelector('.caisse-relay-cancel'), null, 'Odoo has its own');
    const refund = await draw({}, true);
    assert.equal(refund.querySelector('.caisse-relay-advice'), null);
    refund.querySelector('.caisse-relay-cancel').click();
    assert.deepEqual(pressed, ['a']);
    const another = await draw({ payment_method_id: { use_payment_terminal: 'adyen' } }, true);
    assert.equal(another.querySelector('.caisse-relay-cancel'), null);
  });
}
