// Makes the one file for pages without modules; `npm pack` runs it.
//
//   node build.js [FOLDER]

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: [here('script.js')],
  outfile: `${process.argv[2] ?? here('dist')}/caisse-relay.script.js`,
  bundle: true,
  minify: true,
  charset: 'utf8',
  format: 'iife',
  globalName: 'CaisseRelay',
  target: 'es2017',
  banner: { js: '/* caisse-relay-client, MIT OR Apache-2.0 */' },
});
