// Both languages of every page have every sentence, and leave the same open.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { LANGUAGES } from '../languages.js';

const client = new URL('../', import.meta.url);

/** A page's module, which imports from the relay's address and asks the browser for its language. */
async function load(path) {
  const folder = await mkdtemp(join(tmpdir(), 'words-'));
  try {
    const text = await readFile(new URL(path, client), 'utf8');
    const file = join(folder, 'words.mjs');
    await writeFile(file, text.replaceAll(/'\/client\/(\w+\.js)'/g, (_, name) => `'${new URL(name, client)}'`));
    globalThis.localStorage ??= { getItem: () => 'fr', setItem() {} };
    return await import(pathToFileURL(file).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const open = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

/** @param {string} key @param {string[]} words */
function bothSay(key, words) {
  assert.equal(words.length, 2, `${key} has both languages and no more`);
  for (const text of words) assert.ok(typeof text === 'string' && text.trim(), `${key} is empty`);
  assert.deepEqual(open(words[0]), open(words[1]), `${key} leaves the same open`);
}

test('the relay’s page has every sentence in French and in English', async () => {
  const { WORDS } = await load('status/words.js');
  const keys = Object.keys(WORDS);
  assert.ok(keys.length > 100);
  for (const key of keys) bothSay(key, WORDS[key]);
  const same = keys.filter((key) => WORDS[key][0] === WORDS[key][1] && /\p{L}{4,} \p{L}{4,}/u.test(WORDS[key][0]));
  assert.deepEqual(same, [], 'no sentence is the same in both');
});

test('the relay’s page says nothing that its table does not have', async () => {
  const { WORDS } = await load('status/words.js');
  const folder = new URL('status/', client);
  let asked = 0;
  for (const name of (await readdir(folder)).filter((name) => name.endsWith('.js') && name !== 'words.js')) {
    const code = await readFile(new URL(name, folder), 'utf8');
    for (const [, key] of code.matchAll(/\bsay\('(\w+)'/g)) {
      assert.ok(key in WORDS, `${name}: ${key}`);
      asked += 1;
    }
    for (const [, key] of code.matchAll(/\bcount\('(\w+)'/g)) {
      assert.ok(`${key}_one` in WORDS && `${key}_many` in WORDS, `${name}: ${key}`);
    }
  }
  assert.ok(asked > 100, `${asked} keys were found`);
});

test('the demo has every sentence in French and in English', async () => {
  const { WORDS, PRODUCTS } = await load('demo/words.js');
  assert.deepEqual(Object.keys(WORDS.fr).sort(), Object.keys(WORDS.en).sort());
  for (const key of Object.keys(WORDS.fr)) bothSay(key, [WORDS.fr[key], WORDS.en[key]]);
  for (const { fr, en } of PRODUCTS) bothSay(fr, [fr, en]);
  const code = await readFile(new URL('demo/demo.js', client), 'utf8');
  for (const [, key] of code.matchAll(/\bwords\.(?!js\b|append\b)(\w+)/g)) assert.ok(key in WORDS.fr, key);
});

test('the page for tablets has the same parts in both languages', async () => {
  const parts = async (lang) => (await readdir(new URL(`onboarding/${lang}/`, client))).sort();
  const french = await parts('fr');
  assert.ok(french.length > 0);
  assert.deepEqual(french, await parts('en'));
  for (const part of french) {
    const text = (lang) => readFile(new URL(`onboarding/${lang}/${part}`, client), 'utf8');
    const [fr, en] = await Promise.all([text('fr'), text('en')]);
    const marks = (html) => [...html.matchAll(/<(\w+)|\{(\w+)\}/g)].map(([, tag, hole]) => tag ?? hole).sort();
    assert.deepEqual(marks(fr), marks(en), `${part}: the same elements`);
  }
});

test('the client has every sentence in French and in English', async () => {
  const [french, english] = [await LANGUAGES.fr(), await LANGUAGES.en()];
  assert.deepEqual(Object.keys(french), Object.keys(english));
  for (const [name, table] of Object.entries(french)) {
    const other = english[/** @type {keyof typeof english} */ (name)];
    if (typeof table === 'string') bothSay(name, [table, /** @type {string} */ (other)]);
    else {
      assert.deepEqual(Object.keys(table), Object.keys(other), name);
      for (const key of Object.keys(table)) bothSay(`${name}.${key}`, [table[key], other[key]]);
    }
  }
});
