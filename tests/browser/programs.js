// Starts the real programs of a test, and ends each of them by its own process id.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The relay under test. */
export const RELAY = [process.env.CAISSE_RELAY_BIN, built('release'), built('debug')].find((file) => file && existsSync(file));
if (!RELAY) throw new Error('No caisse-relay: build it, or set CAISSE_RELAY_BIN.');

const running = new Set();
// The last resort, should this process end before the tests' own clean-up.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** A program that goes on until the test ends; resolves with its `listening` line. */
export async function start(t, args, program = RELAY) {
  const child = launch(program, args);
  t.after(() => kill(child));
  const said = [];
  child.stderr.on('data', (text) => said.push(text));
  for await (const line of createInterface(child.stdout)) {
    const message = JSON.parse(line);
    if (message.type === 'listening') return { ...message, child };
  }
  throw new Error(`${args.join(' ')} ended: ${said.join('')}`);
}

/** A program that ends by itself; resolves with what it wrote. `env` is added to ours. */
export async function run(command, args, env = {}) {
  const child = launch(command, args, { ...process.env, ...env });
  let [text, complaint] = ['', ''];
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (complaint += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${complaint || text}`);
  return text;
}

/** As a power cut would: no farewell. */
export async function kill(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** A program of which the caller reads what it says, and ends. */
export function launch(command, args, env = process.env) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** A program that cargo has built. */
export function built(profile, name = 'caisse-relay') {
  return fileURLToPath(new URL(`../../target/${profile}/${name}`, import.meta.url));
}
