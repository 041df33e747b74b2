// Each page loads its own language, and is never without a word.

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { connect } from '../caisse-relay.js';
import { english } from '../english.js';
import { french } from '../french.js';
import { LANGUAGES } from '../languages.js';
import { Sentences } from '../sentences.js';

test('if its language never comes the till still sells', async (t) => {
  mock.method(LANGUAGES, 'fr', () => Promise.reject(new TypeError('Failed to fetch')));
  t.after(() => mock.restoreAll());
  const said = new Sentences('fr');
  assert.equal(await said.loaded, false);
  assert.deepEqual([said.say('denied'), said.remedy({ state: 'denied' })], ['denied', '…']);
});

test('what was told before the language came is told again, once', async (t) => {
  let arrive = () => {};
  mock.method(LANGUAGES, 'fr', () => new Promise((resolve) => (arrive = () => resolve(french))));
  t.after(() => mock.restoreAll());
  const till = connect({ WebSocket: undefined, store: { get() {}, set() {}, remove() {} } });
  const told = [];
  till.on('state', ({ message }) => told.push(message));
  assert.equal(till.status.message, 'blocked');
  arrive();
  await soon();
  assert.deepEqual(told, [french.says.blocked]);
  till.close();
});

test('the next relay of the page has its language at once, and an error waits for it', async () => {
  const till = connect({ WebSocket: undefined, store: { get() {}, set() {}, remove() {} }, lang: 'en' });
  await assert.rejects(till.pay({ amount: 1250, currency: 'EUR' }), { code: 'not_connected', message: english.says.not_connected });
  till.close();
  const next = new Sentences('en');
  assert.equal(next.say('denied'), english.says.denied);
  assert.equal(await next.loaded, false);
});

test('a language nobody knows is French', async () => {
  const said = new Sentences('br');
  await said.loaded;
  assert.match(said.say('denied'), /interdit/);
});

test('in French no line breaks inside the guillemets or before a double punctuation mark', () => {
  const texts = [french.says, french.remedies, french.what].flatMap((said) => Object.values(said));
  for (const text of texts) assert.doesNotMatch(text, /« | [»:;?!]/);
  assert.ok(texts.some((text) => text.includes('\u00a0:')));
});

const soon = () => new Promise((done) => setTimeout(done, 5));
