// Makes the addon out of its parts.
//
//   node addon.js client          copies the client of the relay into the addon
//   node addon.js 18.0 FOLDER     writes the addon for another Odoo: what all share, and what is that series' own

import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
export const ADDON = join(HERE, 'pos_caisse_relay');
const LIB = join(ADDON, 'static/src/lib');
/** `languages.js` is the addon's own: Odoo puts everything in one file. */
const CLIENT = ['caisse-relay.js', 'connection.js', 'english.js', 'french.js', 'sentences.js', 'store.js'];
/** What a series replaces as a whole. */
const OWN = ['static/src/app', 'static/tests', 'views', 'models', 'tests'];
/** Which folders a series is made of, and what of 19.0 it has no use for. */
const SERIES = {
  '18.0': { of: ['18.0'], without: [] },
  '17.0': { of: ['17.0'], without: ['static/src/records'] },
  '16.0': {
    of: ['17.0', '16.0'],
    without: ['static/src/records', 'static/src/ui/question_dialog.js', 'static/src/ui/question_dialog.xml', 'static/src/ui/relay_panel.js', 'static/src/ui/relay_panel.xml', 'static/src/app/navbar.js', 'static/src/app/navbar.xml'],
  },
};

/** A file of the client as Odoo's asset bundler takes it. @param {string} name */
async function bundled(name) {
  const text = await readFile(join(HERE, '..', name), 'utf8');
  const note = `// Copied by web-client/odoo/addon.js from web-client/${name} (MIT OR Apache-2.0): change it there.`;
  return `/** @odoo-module **/\n${note}\n\n${text}`;
}

/** @returns {Promise<Map<string, string>>} by path */
export async function client() {
  const files = await Promise.all(CLIENT.map(async (name) => [join(LIB, name), await bundled(name)]));
  return new Map(/** @type {[string, string][]} */ (files));
}

/** @param {string} series @param {string} folder @returns {Promise<string>} the addon's folder */
export async function build(series, folder) {
  const target = join(folder, 'pos_caisse_relay');
  await rm(target, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(ADDON, target, { recursive: true, filter: (path) => !path.endsWith('__pycache__') });
  if (series === '19.0') return target;
  if (!SERIES[series]) throw new Error(`no ${series}: 19.0, ${Object.keys(SERIES).join(', ')}`);
  const { of, without } = SERIES[series];
  const gone = (paths) => Promise.all(paths.map((path) => rm(join(target, path), { recursive: true, force: true })));
  await gone(OWN);
  for (const part of of) await cp(join(HERE, 'series', part), target, { recursive: true });
  await gone(without);
  return target;
}

async function main([what, folder]) {
  if (what === 'client') {
    await mkdir(LIB, { recursive: true });
    for (const [path, text] of await client()) await writeFile(path, text);
  } else if (folder) {
    console.log(await build(what, folder));
  } else {
    console.error('node addon.js client | node addon.js SERIES FOLDER');
    process.exitCode = 2;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
