// Firefox, with a profile of its own, driven over WebDriver BiDi by Puppeteer.

import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { apart, certificateStore, home } from './machine.js';
import { ADDRESS, AROUND, NAME } from './site.js';

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

/** A browser whose store holds these authorities, and for which the site is a page of the Internet. */
export async function firefox(t, { trusts, site, preferences = {} }) {
  const env = await home(t);
  const profile = join(env.HOME, 'profile');
  await certificateStore(profile, trusts);
  const program = await apart(t, { program: [FIREFOX], names: { [NAME]: ADDRESS, [AROUND]: ADDRESS } });
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: program,
    headless: true,
    userDataDir: profile,
    env,
    extraPrefsFirefox: {
      'network.lna.address_space.public.override': `${ADDRESS}:${site.port}`,
      // Else a test that stops the relay waits for up to a minute.
      'network.websocket.delay-failed-reconnects': false,
      ...preferences,
    },
  });
  t.after(() => browser.close());
  return browser;
}

/** What a person answers to the browser's question, or sets for the site. */
export function permit(context, origin, state = 'granted') {
  return context.setPermission(origin, { permission: { name: 'loopback-network' }, state });
}
