// Chromium, with a certificate store of its own, driven by Playwright.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium as playwright } from 'playwright-core';
import { certificateStore, home } from './machine.js';
import { ADDRESS, AROUND, NAME } from './site.js';

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** A browser whose store holds these authorities. */
export async function chromium(t, { trusts, flags = [] }) {
  const env = await home(t);
  await trust(env.HOME, trusts);
  return openBrowser(t, { home: env.HOME, flags });
}

/** Puts authorities in the store of who lives there. */
export function trust(folder, authorities) {
  return certificateStore(join(folder, '.local/share/pki/nssdb'), authorities);
}

/** A browser for who lives in `home`, whatever their store holds. */
export async function openBrowser(t, { home: folder, flags = [], executablePath = CHROMIUM }) {
  const env = { ...(await home(t)), HOME: folder };
  const browser = await playwright.launch({ executablePath, args: [...FLAGS, ...flags], env });
  t.after(() => browser.close());
  return browser;
}

/** What makes Chromium see the site as a page of the Internet. */
export function publicSite({ port }) {
  return [
    `--host-resolver-rules=MAP ${NAME} ${ADDRESS},MAP ${AROUND} ${ADDRESS}`,
    `--ip-address-space-overrides=${ADDRESS}:${port}=public`,
  ];
}

/**
 * A profile of a person: what they answered is stored, and a question is shown where there is a display.
 * @param {{ trusts: string[], flags?: string[], display?: string, permitted?: string }} options `permitted`: the origin that may
 *   reach the relay, as its person once answered. Unlike a grant of the test driver it obeys the rules for frames
 */
export async function chromiumProfile(t, { trusts, flags = [], display, permitted }) {
  const env = await home(t);
  await certificateStore(join(env.HOME, '.local/share/pki/nssdb'), trusts);
  const profile = join(env.HOME, 'profile');
  const allowed = permitted ? { [`${permitted},*`]: { setting: 1 } } : {};
  const exceptions = { loopback_network: allowed, local_network: allowed };
  await mkdir(join(profile, 'Default'), { recursive: true });
  await writeFile(join(profile, 'Default/Preferences'), JSON.stringify({ profile: { content_settings: { exceptions } } }));
  const context = await playwright.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: !display,
    args: [...FLAGS, '--window-position=0,0', '--window-size=1000,700', ...flags],
    viewport: null,
    env: display ? { ...env, DISPLAY: display } : env,
  });
  t.after(() => context.close());
  return context;
}
