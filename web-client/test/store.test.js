// Where ids are written, and what browsers do to that place.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ledger, PageStore } from '../store.js';
import { define, openShop, order, settled } from './shop.js';

class FakeLocalStorage {
  map = new Map();
  getItem = (key) => this.map.get(key) ?? null;
  setItem = (key, value) => void this.map.set(key, String(value));
  removeItem = (key) => void this.map.delete(key);
}

test('localStorage by default, and one key', async (t) => {
  const local = new FakeLocalStorage();
  define(t, 'localStorage', local);
  const { till, relay, pass } = await openShop(t, { connect: { store: undefined } });
  till.pay({ ...order, id: 'a' }).catch(() => {});
  await pass(1);
  assert.equal(relay.all('pay').length, 1);
  assert.deepEqual([...local.map], [['caisse-relay.pending', '["a"]']]);
  assert.equal(till.volatile, false);
});

test('a full disk: the payment goes on, and the page can know that a reload forgets', async (t) => {
  const local = new FakeLocalStorage();
  local.setItem = () => {
    throw new Error('QuotaExceededError');
  };
  define(t, 'localStorage', local);
  const { till, relay, pass } = await openShop(t, { connect: { store: undefined } });
  till.pay({ ...order, id: 'a' }).catch(() => {});
  await pass(1);
  assert.equal(relay.all('pay').length, 1);
  assert.equal(till.volatile, true);
  assert.deepEqual(await till.pending(), ['a']);
});

test('a localStorage that throws when touched', async (t) => {
  define(t, 'localStorage', undefined);
  Object.defineProperty(globalThis, 'localStorage', {
    configurable: true,
    get() {
      throw new Error('SecurityError');
    },
  });
  const ledger = new Ledger(new PageStore());
  await ledger.add('a');
  await ledger.add('b');
  await ledger.remove('a');
  assert.deepEqual(await ledger.ids(), ['b']);
});

test('the last id leaves nothing behind', async (t) => {
  const local = new FakeLocalStorage();
  define(t, 'localStorage', local);
  const ledger = new Ledger(new PageStore());
  assert.equal(await ledger.add('a'), true);
  assert.equal(await ledger.add('a'), false);
  await ledger.remove('a');
  await ledger.remove('a');
  assert.deepEqual([...local.map], []);
});

test('changes made at once do not overwrite each other, even in a slow store', async () => {
  const map = new Map();
  const slow = {
    get: async (key) => (await settled(), map.get(key)),
    set: async (key, value) => (await settled(), map.set(key, value)),
    remove: async (key) => (await settled(), map.delete(key)),
  };
  const ledger = new Ledger(slow);
  await Promise.all(['a', 'b', 'c'].map((id) => ledger.add(id)));
  await Promise.all([ledger.remove('b'), ledger.add('d')]);
  assert.deepEqual(await ledger.ids(), ['a', 'c', 'd']);
});

test('a failed change does not block the next', async () => {
  const map = new Map();
  let full = true;
  const store = {
    get: (key) => map.get(key),
    set(key, value) {
      if (full) throw new Error('full');
      map.set(key, value);
    },
    remove: (key) => map.delete(key),
  };
  const ledger = new Ledger(store);
  await assert.rejects(ledger.add('a'), /full/);
  full = false;
  await ledger.add('b');
  assert.deepEqual(await ledger.ids(), ['b']);
});

test('between tabs, changes take turns where the browser has locks', async (t) => {
  const names = [];
  define(t, 'navigator', { locks: { request: (name, action) => (names.push(name), action()) } });
  const map = new Map();
  await new Ledger({ get: (key) => map.get(key), set: (key, value) => map.set(key, value), remove() {} }).add('a');
  assert.deepEqual(names, ['caisse-relay.pending']);
});

test('what another program wrote there is not believed', async () => {
  for (const text of ['{', 'null', '12', '{"a":1}', '[1,null,"a"]']) {
    const ids = await new Ledger({ get: () => text, set() {}, remove() {} }).ids();
    assert.deepEqual(ids, text.includes('"a"]') ? ['a'] : []);
  }
});
