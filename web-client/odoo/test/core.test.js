// The parts of the core that have a life of their own: money, addresses, the connection panel.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MockRelay } from '../../mock/mock.js';
import { built } from './built.js';
import { load, settled } from './till.js';

const { addon } = await load('19.0');
const core = (name) => import(`${addon}/static/src/core/${name}.js`);
const { majorUnits, minorUnits } = await core('money');
const { addresses, Relays } = await core('relays');
const { Panel } = await core('panel');
const { SHOP } = await core('shop');

const EUR = { name: 'EUR', iso_numeric: 978, decimal_places: 2 };

test('amounts become minor units by ISO 4217, not by how Odoo rounds', () => {
  assert.deepEqual(minorUnits(12.5, EUR), { amount: 1250, currency: 'EUR' });
  assert.deepEqual(minorUnits(0.1 + 0.2, EUR), { amount: 30, currency: 'EUR' });
  assert.deepEqual(minorUnits(-1.25, EUR), { amount: -125, currency: 'EUR' });
  assert.deepEqual(minorUnits(1.005, { ...EUR, decimal_places: 2 }).amount, 100, 'what Odoo shows');
  assert.deepEqual(minorUnits(99999.99, EUR).amount, 9999999);
  assert.deepEqual(minorUnits(1500, { name: 'XPF', iso_numeric: 953, decimal_places: 0 }), { amount: 1500, currency: 'XPF' });
  // A francs shop whose Odoo keeps two decimals does not pay a hundred times as much.
  assert.deepEqual(minorUnits(1500, { name: 'XPF', iso_numeric: 953, decimal_places: 2 }).amount, 1500);
  // Nor does a euro shop whose Odoo keeps three.
  assert.deepEqual(minorUnits(12.5, { ...EUR, decimal_places: 3 }).amount, 1250);
});

test('what cannot be said in the currency is not sent', () => {
  const refused = (amount, currency, code) => assert.throws(() => minorUnits(amount, currency), { code });
  refused(12.505, { ...EUR, decimal_places: 3 }, 'amount_too_fine');
  refused(0.5, { name: 'XPF', iso_numeric: 953, decimal_places: 2 }, 'amount_too_fine');
  refused(NaN, EUR, 'amount_too_fine');
  refused(1e21, EUR, 'amount_too_fine');
  refused(10, { name: 'Euro', decimal_places: 2 }, 'currency_unknown');
  refused(10, { name: 'EUR', iso_numeric: 953, decimal_places: 2 }, 'currency_contradicts');
  assert.equal(minorUnits(10, { name: 'Euros', iso_numeric: 978, decimal_places: 2 }).currency, 'EUR', 'the number is enough');
  assert.equal(minorUnits(10, { name: 'EUR' }).currency, 'EUR', 'so is the name: Odoo 16.0 loads no number');
});

test('minor units and back, for every sum a shop may take', () => {
  for (const sum of [0, 1, 9, 10, 99, 100, 101, 1250, 9999, 123456789, -125, -1]) {
    assert.equal(minorUnits(majorUnits(sum, 'EUR'), EUR).amount, sum);
    assert.equal(minorUnits(majorUnits(sum, 'XPF'), { name: 'XPF', iso_numeric: 953, decimal_places: 0 }).amount, sum);
  }
});

test('addresses as people type them', () => {
  assert.deepEqual(addresses(''), []);
  assert.deepEqual(addresses('192.168.1.10'), ['wss://192.168.1.10:9443/till']);
  assert.deepEqual(addresses('caisse-relay.local:9444, 10.0.0.2'), ['wss://caisse-relay.local:9444/till', 'wss://10.0.0.2:9443/till']);
  assert.deepEqual(addresses('https://127.0.0.1:9443/'), ['wss://127.0.0.1:9443/till']);
  assert.deepEqual(addresses('wss://127.0.0.1:9443/till'), ['wss://127.0.0.1:9443/till']);
});

function till({ world = new MockRelay(), url = false, methods = [{}] } = {}) {
  const map = new Map();
  const storage = { getItem: (key) => map.get(key) ?? null, setItem: (key, value) => void map.set(key, value), removeItem: (key) => void map.delete(key) };
  const asked = [];
  const connect = (options) => {
    asked.push(options);
    return world.connect(options);
  };
  const relays = new Relays({ connect, storage, config: 7, defaults: { url, till: 'Caisse 1' }, lang: 'fr' });
  return { relays, methods, world, asked, map };
}

test('the till\'s own address counts more than the method\'s, and that more than the point of sale\'s', () => {
  const { relays, asked } = till({ url: '10.0.0.1' });
  relays.of();
  relays.of('10.0.0.2');
  relays.of('10.0.0.2');
  relays.save({ url: '10.0.0.3', till: 'Caisse du fond' });
  relays.of('10.0.0.2');
  const urls = asked.map(({ url, till: name }) => [url[0], name]);
  assert.deepEqual(urls, [
    ['wss://10.0.0.1:9443/till', 'Caisse 1'],
    ['wss://10.0.0.2:9443/till', 'Caisse 1'],
    ['wss://10.0.0.3:9443/till', 'Caisse du fond'],
  ]);
});

test('two points of sale in one browser do not share their payments', async () => {
  const { relays, map, world } = till();
  await settled();
  world.next({ hold: true });
  relays.of().pay({ amount: 1, currency: 'EUR', id: 'a.1' }).catch(() => {});
  await settled();
  assert.deepEqual([...map.keys()], ['pos_caisse_relay.7.caisse-relay.pending']);
});

test('the panel: state, remedy, test, without money', async () => {
  const shop = till();
  shop.world.become('absent');
  let changes = 0;
  const panel = new Panel(shop, () => (changes += 1));
  assert.equal(panel.status.state, 'absent');
  assert.match(panel.status.remedy, /Caisse Relay est démarré/);
  await panel.test('comptoir');
  assert.match(panel.error, /rien n'a été envoyé/);
  shop.world.become('ready');
  assert.ok(changes >= 2);
  assert.equal(panel.status.state, 'ready');
  await panel.test('comptoir');
  assert.deepEqual(panel.tests.comptoir, { state: 'ready', message: 'Comptoir is ready.' });
  assert.equal(panel.error, '');
  assert.deepEqual(shop.world.ledger, []);
  panel.close();
});

test('the panel pairs, and tells why it could not', async () => {
  const shop = till();
  shop.world.code = '123456';
  const panel = new Panel(shop, () => {});
  assert.equal(panel.asksCode, true);
  await panel.pair('000000');
  assert.match(panel.error, /bad_code/);
  await panel.pair('123 456');
  assert.deepEqual([panel.error, panel.asksCode, panel.status.state], ['', false, 'ready']);
});

test('each adapter gives all that the core asks for', async () => {
  const { RecordShop } = await import(`${addon}/static/src/records/shop.js`);
  const older = await built('17.0');
  const { ModelShop } = await import(`${older}/static/src/app/shop.js`);
  for (const Shop of [RecordShop, ModelShop]) {
    for (const name of SHOP) assert.equal(typeof Shop.prototype[name], 'function', name);
  }
});
