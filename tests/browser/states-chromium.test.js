// Every way in which Chromium, or the relay, keeps a page of the Internet from the
// terminal: the page names it, says what to do, sells nothing, and comes back by itself.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, chromiumProfile, publicSite } from './chromium.js';
import { display } from './machine.js';
import { run } from './programs.js';
import { newPage, open, story } from './shop.js';
import { AROUND, NAME, Pos, serveSite } from './site.js';

story('Chromium, permission denied: no further attempt; given later, it connects by itself', async (t) => {
  const { pos, tab, permit } = await headless(t);
  const sockets = [];
  tab.on('websocket', (socket) => sockets.push(socket.url()));
  await pos.opens();
  const { remedy } = await pos.is('denied');
  assert.match(remedy, /site settings.*apps on this device/);
  await pos.cannotPay();
  await pause(3_000);
  assert.equal(sockets.length, 1);
  await permit();
  await pos.is('ready');
});

story('Chromium, the question on screen: named within a second; Allow: it pays', async (t) => {
  const { shop, pos, question } = await headed(t);
  await pos.opens();
  const since = Date.now();
  const { remedy } = await pos.is('ask_pending');
  assert.ok(Date.now() - since < 1_500, `${Date.now() - since} ms`);
  assert.match(remedy, /Allow/);
  await pos.cannotPay();
  await pause(10_000);
  await pos.is('ask_pending');
  await question('Tab', 'Return');
  await pos.is('ready');
  await pos.asks(1250);
  await pos.shows({ outcome: 'approved' });
  await pos.hasRecorded();
  await shop.terminal.onlyCharge();
});

story('Chromium, the question closed three times: the third time is a denial', async (t) => {
  const { pos, tab, question } = await headed(t);
  await pos.opens();
  for (const wanted of [/left unanswered/, /left unanswered/, /site settings/]) {
    await pos.is('ask_pending');
    await question('Escape');
    const { remedy } = await pos.is('denied');
    assert.match(remedy, wanted);
    await tab.evaluate('pos.retry()');
  }
  await pos.is('denied');
  await pos.cannotPay();
});

story('Chromium, Block: denied, and not asked again', async (t) => {
  const { pos, tab, question } = await headed(t);
  await pos.opens();
  await pos.is('ask_pending');
  await question('Return');
  const { remedy } = await pos.is('denied');
  assert.match(remedy, /site settings/);
  await tab.reload();
  await pos.is('denied');
});

story('Chromium, in a frame: without `allow` the attribute is named; with it, it pays', async (t) => {
  const { shop, site } = await counter(t);
  const around = site.origin.replace(NAME, AROUND);
  const context = await chromiumProfile(t, { trusts: [shop.relay.ca, site.ca], flags: publicSite(site), permitted: around });
  const [tab] = context.pages();
  const frame = async (path) => {
    await tab.goto(around + path);
    return new Pos({ evaluate: (script) => tab.frames()[1].evaluate(script) });
  };
  const { remedy } = await (await frame('/frame')).is('denied');
  assert.match(remedy, /<iframe> must have allow="loopback-network"/);
  const pos = await frame('/frame-allow');
  await pos.is('ready');
  await pos.asks(1250);
  await pos.shows({ outcome: 'approved' });
  await pos.hasRecorded();
  await shop.terminal.onlyCharge();
});

story('Chromium, nothing listens: absent, then ready once the relay is started', async (t) => {
  const { shop, pos, permit } = await headless(t);
  await permit();
  await shop.killRelay();
  await pos.opens();
  const { remedy } = await pos.is('absent');
  assert.match(remedy, new RegExp(`running on this computer.*https://${shop.host}/.*certificate`));
  await pos.cannotPay();
  await shop.restartRelay();
  await pos.is('ready', 40_000);
});

story("Chromium, the relay's authority is not trusted: it cannot be told from absent, and the remedy has both", async (t) => {
  const { shop, pos, permit } = await headless(t, { trusted: false });
  await permit();
  await pos.opens();
  const { remedy } = await pos.is('absent');
  assert.match(remedy, /certificate, install it/);
  await pos.cannotPay();
  assert.deepEqual(await shop.journal(), []);
});

story('Chromium, origin not allowed: the page is told so, and connects by itself once it is', async (t) => {
  const { shop, site, pos, permit } = await headless(t, { allowed: false });
  await permit();
  await pos.opens();
  const { remedy, detail } = await pos.is('not_allowed');
  assert.match(remedy, new RegExp(site.origin));
  assert.match(detail, new RegExp(site.origin));
  await pos.cannotPay();
  assert.deepEqual(await shop.terminal.operations(), []);
  await shop.allows(site.origin);
  await pos.is('ready', 20_000);
  await shop.says('origins', 'refuse', site.origin);
  await pos.is('not_allowed');
});

story("Chromium, the page's own rules forbid the address: blocked", async (t) => {
  const { pos, permit } = await headless(t);
  await permit();
  await pos.opens('/strict');
  const { remedy } = await pos.is('blocked');
  assert.match(remedy, /connect-src.*wss:/);
  await pos.cannotPay();
});

story('Chromium, the client imported from the relay itself: it pays', async (t) => {
  const { shop, pos, permit } = await headless(t);
  await permit();
  await pos.opens('/from-relay');
  await pos.is('ready');
  await pos.asks(1250);
  await pos.shows({ outcome: 'approved' });
  await pos.hasRecorded();
  await shop.terminal.onlyCharge();
});

async function counter(t, { allowed = true } = {}) {
  const site = await serveSite(t);
  const shop = await open(t, { origins: allowed ? [site.origin] : ['https://other.example.test'] });
  site.sell(shop.relay);
  return { shop, site };
}

/** A browser that shows no question: it answers no by itself. */
async function headless(t, { trusted = true, ...options } = {}) {
  const { shop, site } = await counter(t, options);
  const trusts = trusted ? [shop.relay.ca, site.ca] : [site.ca];
  const tab = await newPage(await chromium(t, { trusts, flags: publicSite(site) }));
  const permit = () => tab.context().grantPermissions(['local-network-access'], { origin: site.origin });
  return { shop, site, tab, permit, pos: new Pos(tab, site.origin) };
}

/** A browser on a screen, which asks. */
async function headed(t) {
  const { shop, site } = await counter(t);
  const screen = await display(t);
  const context = await chromiumProfile(t, { trusts: [shop.relay.ca, site.ca], flags: publicSite(site), display: screen });
  const [tab] = context.pages();
  const xdotool = (...words) => run('xdotool', words, { ...process.env, DISPLAY: screen });
  /** F6 goes to the question; then Return is Block, Tab and Return are Allow, Escape closes it. */
  const question = async (...keys) => {
    // A question takes no answer in its first moments, against people who type blindly.
    await pause(1_000);
    const [window] = (await xdotool('search', '--onlyvisible', '--class', 'chromium')).split('\n');
    await xdotool('windowfocus', '--sync', window);
    for (const key of ['F6', ...keys]) {
      await xdotool('key', key);
      await pause(200);
    }
  };
  return { shop, site, tab, question, pos: new Pos(tab, site.origin) };
}
