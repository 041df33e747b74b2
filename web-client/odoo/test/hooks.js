// Lets Node load the addon as Odoo's bundler does: `@point_of_sale/…`, `@web/…` and `@odoo/owl` are stand-ins of the
// series that is tested, relative imports have no extension.

import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const { stubs, addon, real = {} } = JSON.parse(process.env.ODOO_TEST ?? '{}');

export function resolve(specifier, context, next) {
  if (real[specifier]) return { url: pathToFileURL(real[specifier]).href, shortCircuit: true };
  if (/^(@(web|point_of_sale|odoo)\/|point_of_sale\.)/.test(specifier)) {
    return { url: pathToFileURL(`${stubs}/${specifier.replace(/^.*[/.]/, '')}.js`).href, shortCircuit: true };
  }
  const ours = /^@pos_caisse_relay\/(.*)$/.exec(specifier);
  if (ours) return { url: pathToFileURL(`${addon}/static/src/${ours[1]}.js`).href, shortCircuit: true };
  if (/^\.{1,2}\//.test(specifier) && !/\.m?js$/.test(specifier)) {
    const url = new URL(`${specifier}.js`, context.parentURL);
    if (existsSync(fileURLToPath(url))) return { url: url.href, shortCircuit: true };
  }
  return next(specifier, context);
}
