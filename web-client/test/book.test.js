// The book's tables of states and errors are what the client says.
// `UPDATE_BOOK=1 node --test test/book.test.js` writes them.

import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { remedy, sentence } from '../sentences.js';

const HEADS = { fr: ['état', 'ce que lit le caissier, *et le remède*'], en: ['state', 'what the cashier reads, *and the remedy*'] };
/** Beside the states: what a denied page may be told instead. */
const CASES = ['dismissed', 'frame', 'insecure'];

/** The names of a table of sentences.js, as they stand there. */
async function names(table) {
  const source = await readFile(new URL('../sentences.js', import.meta.url), 'utf8');
  const [, body] = new RegExp(`const ${table} = \\{\\n(.*?)\\n\\};`, 's').exec(source);
  return [...body.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
}

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

test('the book has every state of the connection with its remedy', async () => {
  const states = await names('STATES');
  assert.ok(states.length >= 13, states.join());
  const about = { home: 'wss://127.0.0.1:9443/till', permission: 'loopback-network' };
  await check('states', (lang) => [
    ...states.map((state) => [state, `${sentence(state, lang)} *${remedy({ ...about, state, case: '' }, lang)}*`]),
    ...CASES.map((which) => [`denied · ${which}`, `${sentence('denied', lang)} *${remedy({ ...about, state: 'denied', case: which }, lang)}*`]),
  ]);
});

test('the book has every error of the client', async () => {
  const errors = await names('ERRORS');
  assert.ok(errors.length >= 7, errors.join());
  await check('errors', (lang) => errors.map((code) => [code, sentence(code, lang)]));
});
