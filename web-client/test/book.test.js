// The book's tables of states and errors are what the client says.
// `UPDATE_BOOK=1 node --test test/book.test.js` writes them.

import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { LANGUAGES } from '../languages.js';
import { Sentences } from '../sentences.js';

const HEADS = { fr: ['état', 'ce que lit le caissier, *et le remède*'], en: ['state', 'what the cashier reads, *and the remedy*'] };
/** Beside the states: what a denied page may be told instead. */
const CASES = ['dismissed', 'frame', 'insecure'];

async function check(file, rows) {
  for (const lang of /** @type {const} */ (['fr', 'en'])) {
    const [first, second] = HEADS[lang];
    const cells = rows(lang).map(([code, said]) => `| \`${code}\` | ${said.replaceAll('|', '\\|').replaceAll('<', '&lt;')} |\n`);
    const table = `| ${file === 'errors' ? 'code' : first} | ${file === 'errors' ? second.split(',')[0] : second} |\n|---|---|\n${cells.join('')}`;
    const path = new URL(`../../docs/${lang}/words/${file}.md`, import.meta.url);
    if (process.env.UPDATE_BOOK) {
      await mkdir(new URL('.', path), { recursive: true });
      await writeFile(path, table);
    }
    const told = await readFile(path, 'utf8').catch(() => '');
    assert.ok(told === table, `docs/${lang}/words/${file}.md is not what the client says; run UPDATE_BOOK=1 node --test test/book.test.js`);
  }
}

const WORDS = { fr: await LANGUAGES.fr(), en: await LANGUAGES.en() };
/** What has a remedy is a state, the rest are errors; a page that closed the connection meets both. */
const STATES = Object.keys(WORDS.fr.remedies).filter((state) => !CASES.includes(state));
const ERRORS = [...Object.keys(WORDS.fr.says).filter((code) => !(code in WORDS.fr.remedies)), 'closed'];
const ABOUT = { home: 'wss://127.0.0.1:9443/till', permission: 'loopback-network' };

test('the book has every state of the connection with its remedy', async () => {
  assert.ok(STATES.length >= 13, STATES.join());
  await check('states', (lang) => {
    const words = new Sentences(lang, WORDS[lang]);
    return [
      ...STATES.map((state) => [state, `${words.say(state)} *${words.remedy({ ...ABOUT, state, case: '' })}*`]),
      ...CASES.map((which) => [`denied · ${which}`, `${words.say('denied')} *${words.remedy({ ...ABOUT, state: 'denied', case: which })}*`]),
    ];
  });
});

test('the book has every error of the client', async () => {
  assert.ok(ERRORS.length >= 7, ERRORS.join());
  await check('errors', (lang) => ERRORS.map((code) => [code, new Sentences(lang, WORDS[lang]).say(code)]));
});
