// `browser-policy install`: a managed Chromium lets the page of an allowed origin
// reach the relay without a question, and asks again once it is taken back.

import assert from 'node:assert/strict';
import { CHROMIUM, openBrowser, publicSite, trust } from './chromium.js';
import { newPage, noNamespaces, open, openMachine, story, temporary } from './shop.js';
import { Pos, serveSite } from './site.js';

story('a managed browser is told by `browser-policy install`, and lets the page in without a question', async (t) => {
  const site = await serveSite(t);
  const shop = await open(t, { origins: [site.origin] });
  site.sell(shop.relay);
  const machine = await openMachine(t);
  /** A new browser of this machine, of somebody who was never asked. */
  const visit = async () => {
    const home = await temporary(t);
    await trust(home, [shop.relay.ca, site.ca]);
    const executablePath = await machine.program(CHROMIUM);
    const tab = await newPage(await openBrowser(t, { home, flags: publicSite(site), executablePath }));
    const pos = new Pos(tab, site.origin);
    await pos.opens();
    return pos;
  };
  await (await visit()).is('denied');
  const [told] = await shop.prepares(machine, 'browser-policy', 'install', '--browser', 'chromium');
  assert.deepEqual([told.state, told.error], ['set', null]);
  const pos = await visit();
  await pos.is('ready');
  await pos.asks(1250);
  await pos.shows({ outcome: 'approved' });
  await pos.hasRecorded();
  await shop.terminal.onlyCharge();
  await shop.prepares(machine, 'browser-policy', 'uninstall');
  await (await visit()).is('denied');
}, { skip: noNamespaces });
