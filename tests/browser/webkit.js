// WebKitGTK, with the authorities of a machine of its own, driven by its WebDriver.

import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { apart, display, freePort, home } from './machine.js';
import { kill, launch } from './programs.js';
import { ADDRESS, NAME } from './site.js';

const BROWSER = process.env.MINIBROWSER ?? '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';

/** A machine that has these authorities installed. @returns a function that opens a tab */
export async function webkit(t, { trusts }) {
  const env = { ...(await home(t)), DISPLAY: await display(t) };
  const driven = ['dbus-run-session', '--', 'WebKitWebDriver'];
  const program = await apart(t, { program: driven, names: { [NAME]: ADDRESS }, authorities: trusts });
  return async (t) => {
    const { address, child } = await driver(program, env);
    const ask = await session(address);
    // The browser goes before its driver.
    t.after(async () => {
      await ask('DELETE', '');
      await kill(child);
    });
    return {
      goto: (url) => ask('POST', '/url', { url }),
      reload: () => ask('POST', '/refresh', {}),
      evaluate: (script) => ask('POST', '/execute/sync', { script: `return (${script})`, args: [] }),
    };
  };
}

/** A driver of its own for each tab: it has one session at most. */
async function driver(program, env) {
  const port = await freePort();
  const child = launch(program, [`--port=${port}`, '--host=127.0.0.1'], env);
  const said = [];
  child.stderr.on('data', (text) => said.push(text));
  child.stdout.resume();
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`WebKitWebDriver ended: ${said.join('')}`)));
  ended.catch(() => {});
  const address = `http://127.0.0.1:${port}`;
  try {
    await Promise.race([answers(address), ended]);
  } catch (error) {
    await kill(child);
    throw error;
  }
  return { address, child };
}

async function answers(address) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await fetch(`${address}/status`);
    } catch (error) {
      if (tries > 600) throw error;
      await pause(50);
    }
  }
}

/** A new browser, which remembers nothing. @returns a function that asks the driver */
async function session(address) {
  const ask = async (method, path, body) => {
    const answer = await fetch(`${address}/session${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  };
  const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { binary: BROWSER, args: ['--automation'] } } };
  const { sessionId } = await ask('POST', '', { capabilities });
  return (method, path, body) => ask(method, `/${sessionId}${path}`, body);
}
