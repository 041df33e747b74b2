// The examples as pages of this computer.
//
//   node examples/serve.js        then, once: caisse-relay origins allow http://127.0.0.1:8000

import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

/** @param {number} [port] 0: a free one @returns {Promise<{ origin: string, stop: () => Promise<void> }>} */
export async function serve(port = 0) {
  const folder = await mkdtemp(join(tmpdir(), 'caisse-relay-examples-'));
  await cp(HERE, folder, { recursive: true, filter: (path) => !/\.jsx?$/.test(path) });
  await build({
    entryPoints: ['vanilla/main.js', 'react/main.jsx', 'vue/main.js', 'component/main.js'].map((path) => join(HERE, path)),
    absWorkingDir: PACKAGE,
    outdir: folder,
    outbase: HERE,
    bundle: true,
    splitting: true,
    format: 'esm',
    jsx: 'automatic',
    // The template is compiled in the page: a point of sale that has a build step uses single-file components.
    alias: { vue: 'vue/dist/vue.esm-bundler.js' },
    define: { __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false', 'process.env.NODE_ENV': '"production"' },
  });
  await cp(join(HERE, 'script/main.js'), join(folder, 'script/main.js'));
  execFileSync(process.execPath, [join(PACKAGE, 'build.js'), folder]);
  const site = await context({});
  const { port: bound } = await site.serve({ servedir: folder, host: '127.0.0.1', port });
  const stop = async () => {
    await site.dispose();
    await rm(folder, { recursive: true, force: true });
  };
  return { origin: `http://127.0.0.1:${bound}`, stop };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { origin } = await serve(8000);
  for (const name of ['vanilla', 'react', 'vue', 'component', 'script']) console.log(`${origin}/${name}/`);
}
