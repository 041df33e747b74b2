// What Odoo would stumble over when it loads the addon, for each series, and what people would read in the wrong language.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { built } from './built.js';

const SERIES = ['19.0', '18.0', '17.0', '16.0'];
const ODOO = await readFile(new URL('../ODOO.md', import.meta.url), 'utf8');

async function files(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

async function addonOf(series) {
  const addon = await built(series);
  const all = await files(addon);
  const read = async (ending) => Promise.all(all.filter((path) => path.endsWith(ending)).map(async (path) => [relative(addon, path), await readFile(path, 'utf8')]));
  return { addon, all, read };
}

/** The entries of a .po file. */
function entries(po) {
  const found = [...po.matchAll(/^msgid "(.*)"\nmsgstr "(.*)"$/gm)];
  return new Map(found.map(([, id, text]) => [id.replaceAll('\\"', '"'), text.replaceAll('\\"', '"')]));
}

for (const series of SERIES) {
  test(`${series}: every module that is imported is there, in a form Odoo's bundler rewrites`, async () => {
    const { addon, all, read } = await addonOf(series);
    const known = new Set(all.map((path) => relative(join(addon, 'static/src'), path)));
    for (const [path, text] of await read('.js')) {
      if (!path.startsWith('static/src/')) continue;
      assert.match(text, /^\/\*\* @odoo-module \*\*\//, path);
      for (const [line] of text.matchAll(/^[ \t]*(?:import|export)\b.*$/gm)) {
        assert.match(line, /^(import (\w+|\{ [\w, ]+ \}) from ["'][^"']+["'];|import ["'][^"']+["'];|export (async )?(function|class|const) \w+.*)$/, path);
      }
      for (const [, from] of text.matchAll(/^import .* from ["'](\.[^"']+)["'];$/gm)) {
        const target = join('/', path.replace('static/src/', ''), '..', from).slice(1).replace(/\.js$/, '');
        assert.ok(known.has(`${target}.js`), `${path} imports ${from}`);
      }
    }
  });

  test(`${series}: every module, template, view and bundle of Odoo that is used is listed, to be checked against a new Odoo`, async () => {
    const { read } = await addonOf(series);
    const found = async (ending, pattern) => (await read(ending)).flatMap(([, text]) => [...text.matchAll(pattern)].map(([, name]) => name));
    const used = [
      ...(await found('.js', /from ["']((?:@point_of_sale|@web)\/[^"']+|point_of_sale\.[^"']+)["']/g)),
      ...(await found('.xml', /(?:t-inherit|ref)="(point_of_sale\.[^"]+)"/g)),
      ...(await found('.py', /^from (odoo\.addons\.[\w.]+)/gm)),
      ...(await found('__manifest__.py', /"((?:point_of_sale|web)\.[\w.]+)": \[/g))
    ];
    assert.ok(used.length > 10);
    for (const name of used) assert.ok(ODOO.includes(`\`${name}\``), `not in ODOO.md: ${name}`);
  });

  test(`${series}: the manifest names its series, and files that exist`, async () => {
    const { addon, all } = await addonOf(series);
    const manifest = await readFile(join(addon, '__manifest__.py'), 'utf8');
    assert.match(manifest, new RegExp(`"version": "${series.replace('.', '\\.')}\\.\\d+\\.\\d+\\.\\d+"`));
    assert.match(manifest, /"license": "LGPL-3"/);
    assert.match(manifest, /"depends": \["point_of_sale"\]/);
    for (const [, path] of manifest.matchAll(/"(views\/[^"]+)"/g)) assert.ok(all.includes(join(addon, path)), path);
  });

  test(`${series}: every field of a view is a field of the models, every template is well-formed`, async () => {
    const { addon, read } = await addonOf(series);
    const python = (await read('.py')).map(([, text]) => text).join('\n');
    for (const [path, text] of await read('.xml')) {
      execFileSync('python3', ['-c', 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])', join(addon, path)]);
      for (const [, name] of text.matchAll(/<field\s+name="((?:pos_)?caisse_relay_\w+)"/g)) {
        assert.match(python, new RegExp(`^    ${name} = fields\\.`, 'm'), `${path}: ${name}`);
      }
    }
  });
}

test('every sentence of the page is in French, with what is filled in', async () => {
  const { addon, read } = await addonOf('19.0');
  const fr = entries(await readFile(join(addon, 'i18n/fr.po'), 'utf8'));
  const pot = entries(await readFile(join(addon, 'i18n/pos_caisse_relay.pot'), 'utf8'));
  const sentences = (await read('.js')).flatMap(([, text]) => [...text.matchAll(/_t\(\s*"([^"]+)"/g)].map(([, sentence]) => sentence));
  const drawn = (await read('.xml'))
    .filter(([path]) => path.startsWith('static/src'))
    .flatMap(([, text]) => [...text.replaceAll(/<!--.*?-->|"[^"]*"/gs, '').matchAll(/>\s*([A-Za-z][^<>{}]*?)\s*</g)].map(([, words]) => words));
  const labels = (await read('.py'))
    .filter(([path]) => path.startsWith('models/'))
    .flatMap(([, text]) => [...text.matchAll(/(?:string=|_\()"([^"]+)"/g)].map(([, label]) => label));
  assert.ok(sentences.length > 30 && drawn.length > 5 && labels.length > 5);
  for (const sentence of [...sentences, ...drawn, ...labels]) {
    assert.ok(pot.has(sentence), `not in the .pot: ${sentence}`);
    assert.ok(fr.get(sentence), `not in French: ${sentence}`);
    assert.deepEqual(fr.get(sentence).match(/%\(\w+\)s/g)?.sort(), sentence.match(/%\(\w+\)s/g)?.sort(), sentence);
  }
  assert.deepEqual([...fr.keys()], [...pot.keys()], 'both files have the same sentences');
});

test('the words that the core asks for exist, and none is left over', async () => {
  const { read } = await addonOf('19.0');
  const text = Object.fromEntries(await read('.js'));
  const core = Object.entries(text).filter(([path]) => path.startsWith('static/src/core')).map(([, code]) => code).join('\n');
  const asked = new Set([...core.matchAll(/[wW]ords\??\.(\w+)/g)].map(([, name]) => name));
  // Asked for by the code of an outcome or of an error.
  for (const name of ['nothing_to_pay', 'amount_too_fine', 'currency_unknown', 'currency_contradicts', 'not_sentTitle', 'declinedTitle']) asked.add(name);
  const there = [...text['static/src/words.js'].matchAll(/^ {4}(\w+): \(/gm)].map(([, name]) => name);
  assert.deepEqual(there.sort(), [...asked].sort());
});
