// What a browser of a test may believe of this machine, changed for it alone: a
// display, a name in /etc/hosts, an authority in /etc/ssl. Nothing of it outlives the test.

import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { kill, launch, run } from './programs.js';
import { temporary } from './shop.js';

/** A store as Chromium and Firefox read it, with these authorities. */
export async function certificateStore(folder, authorities) {
  await mkdir(folder, { recursive: true });
  if (!existsSync(join(folder, 'cert9.db'))) await run('certutil', ['-d', `sql:${folder}`, '-N', '--empty-password']);
  for (const [index, file] of authorities.entries()) {
    await run('certutil', ['-d', `sql:${folder}`, '-A', '-t', 'C,,', '-n', `authority ${index}`, '-i', file]);
  }
}

/** The environment of a person of their own: a home, and nothing of ours. */
export async function home(t) {
  const { XDG_DATA_HOME, XDG_CONFIG_HOME, DISPLAY, ...env } = process.env;
  return { ...env, HOME: await temporary(t) };
}

/** A screen that nobody looks at. @returns its name */
export async function display(t) {
  const child = launch('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x900x24', '-nolisten', 'tcp']);
  t.after(() => kill(child));
  for await (const line of createInterface(child.stdout)) return `:${line.trim()}`;
  throw new Error('Xvfb did not start');
}

/**
 * A way to start a program in mounts and processes of its own; what it starts ends with it.
 * @param {{ program: string[], names?: Record<string, string>, authorities?: string[] }} beliefs names in /etc/hosts; authorities for the
 *   whole machine, as an administrator installs them
 */
export async function apart(t, { program, names = {}, authorities = [] }) {
  const folder = await temporary(t);
  const hosts = Object.entries(names).map(([name, address]) => `${address} ${name}\n`);
  await writeFile(join(folder, 'hosts'), (await readFile('/etc/hosts', 'utf8')) + hosts.join(''));
  const lines = [`mount --bind ${folder}/hosts /etc/hosts`];
  if (authorities.length) {
    const local = '/usr/local/share/ca-certificates';
    await mkdir(join(folder, 'local'));
    for (const [index, file] of authorities.entries()) {
      await writeFile(join(folder, 'local', `authority-${index}.crt`), await readFile(file));
    }
    lines.push(
      `cp -dR /etc/ssl/certs ${folder}/certs`,
      `mount --bind ${folder}/certs /etc/ssl/certs`,
      `mount --bind ${folder}/local ${local}`,
      'update-ca-certificates >&2',
    );
  }
  const inside = join(folder, 'inside');
  await writeFile(inside, ['#!/bin/sh', 'set -e', ...lines, `exec ${program.join(' ')} "$@"`, ''].join('\n'));
  const outside = join(folder, 'outside');
  const user = process.getuid() === 0 ? '' : '--map-root-user ';
  await writeFile(outside, `#!/bin/sh\nexec unshare ${user}--mount --pid --fork --kill-child --mount-proc ${inside} "$@"\n`);
  await Promise.all([inside, outside].map((file) => chmod(file, 0o755)));
  return outside;
}

/** For a program that cannot choose one and say which. */
export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}
