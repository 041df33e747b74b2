// The panel and the questions, drawn by the OWL that Odoo uses, in a page without a browser. The dialog around them is a
// stand-in; Odoo's own templates, which the addon extends, are not here.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { JSDOM } from 'jsdom';
import { MockRelay } from '../../mock/mock.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const ADDON = join(HERE, '../pos_caisse_relay');

const { window } = new JSDOM('<!doctype html><body></body>', { pretendToBeVisual: true, url: 'https://pos.example.test/' });
for (const name of Object.getOwnPropertyNames(window)) {
  if (!(name in globalThis)) globalThis[name] = window[name];
}
globalThis.Event = window.Event;
globalThis.window = window;
process.env.ODOO_TEST = JSON.stringify({
  stubs: join(HERE, 'stubs/19.0'),
  addon: ADDON,
  real: { '@odoo/owl': join(HERE, '../node_modules/@odoo/owl/dist/owl.es.js'), '@web/core/dialog/dialog': join(HERE, 'dialog_frame.js') },
});
register('./hooks.js', import.meta.url);

const { mount } = await import('@odoo/owl');
const ui = (name) => import(`${ADDON}/static/src/ui/${name}.js`);
const { QuestionDialog } = await ui('question_dialog');
const { RelayPanel } = await ui('relay_panel');
const { Relays } = await import(`${ADDON}/static/src/core/relays.js`);

const drawn = () => new Promise((done) => setTimeout(done, 60));

async function draw(t, Shown, template, props) {
  const target = document.body.appendChild(document.createElement('div'));
  const templates = await readFile(`${ADDON}/static/src/ui/${template}.xml`, 'utf8');
  // Odoo leaves white space out of what it compiles.
  const app = await mount(Shown, target, { props, templates, dev: true, warnIfNoStaticProps: true });
  t.after(() => app.__owl__?.app.destroy());
  return {
    part: (selector) => target.querySelector(selector),
    text: () => target.textContent.replace(/\s+/g, ' ').trim(),
    press: async (selector) => {
      target.querySelector(selector).click();
      await drawn();
    },
    type: async (selector, text) => {
      const field = target.querySelector(selector);
      field.value = text;
      field.dispatchEvent(new window.Event('input', { bubbles: true }));
      await drawn();
    },
  };
}

test('a question shows its sentence and its answers, and says which was pressed', async (t) => {
  const heard = [];
  const props = {
    title: 'Was the card charged?',
    body: 'Look at the ticket.',
    choices: [
      { name: 'yes', label: 'The ticket says: paid' },
      { name: 'later', label: 'Decide later', primary: true },
    ],
    choose: (name) => heard.push(name),
    close: () => heard.push('closed'),
  };
  const page = await draw(t, QuestionDialog, 'question_dialog', props);
  assert.match(page.text(), /Was the card charged\?.*Look at the ticket\..*The ticket says: paid.*Decide later/);
  assert.ok(page.part('[data-choice=later]').classList.contains('btn-primary'));
  assert.ok(page.part('[data-choice=yes]').classList.contains('btn-secondary'));
  await page.press('[data-choice=yes]');
  assert.deepEqual(heard, ['yes', 'closed']);
});

function till(world) {
  const map = new Map();
  const storage = { getItem: (key) => map.get(key) ?? null, setItem: (key, value) => void map.set(key, value) };
  const relays = new Relays({ connect: world.connect, storage, config: 7, defaults: { till: 'Caisse 1' }, lang: 'fr' });
  return { relays, methods: [{}] };
}

test('the panel: what is so, what to do, and a test without money', async (t) => {
  const world = new MockRelay();
  world.become('absent');
  const page = await draw(t, RelayPanel, 'relay_panel', { till: till(world), close: () => {} });
  assert.equal(page.part('.caisse-relay-state').dataset.state, 'absent');
  assert.match(page.text(), /Le relais ne répond pas.*Vérifiez que Caisse Relay est démarré/);
  assert.ok(page.part('.caisse-relay-retry'));
  assert.equal(page.part('.caisse-relay-pair'), null);

  world.become('ready');
  await drawn();
  assert.equal(page.part('.caisse-relay-state').dataset.state, 'ready');
  assert.equal(page.part('.caisse-relay-retry'), null);
  await page.press('[data-terminal=comptoir] button');
  assert.equal(page.part('.caisse-relay-tested').dataset.state, 'ready');
  assert.deepEqual(world.ledger, []);
});

test('the panel asks for the six digits where the till has to be paired', async (t) => {
  const world = new MockRelay();
  world.code = '123456';
  const page = await draw(t, RelayPanel, 'relay_panel', { till: till(world), close: () => {} });
  await page.type('#caisse-relay-code', '000 000');
  await page.press('.caisse-relay-pair button');
  assert.match(page.part('.caisse-relay-error').textContent, /bad_code/);
  await page.type('#caisse-relay-code', '123 456');
  await page.press('.caisse-relay-pair button');
  assert.equal(page.part('.caisse-relay-error'), null);
  assert.equal(page.part('.caisse-relay-pair'), null);
  assert.equal(page.part('.caisse-relay-state').dataset.state, 'ready');
});

test('the panel keeps another address for this till, while a session is open', async (t) => {
  const shop = till(new MockRelay());
  const page = await draw(t, RelayPanel, 'relay_panel', { till: shop, close: () => {} });
  await page.type('#caisse-relay-url', '192.168.1.10');
  await page.type('#caisse-relay-till', 'Caisse du fond');
  await page.press('.caisse-relay-settings button');
  assert.deepEqual(shop.relays.settings, { url: '192.168.1.10', till: 'Caisse du fond' });
  assert.equal(shop.relays.till, 'Caisse du fond');
});
