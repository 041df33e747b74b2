// Every way in which Firefox, or the relay, keeps a page of the Internet from the
// terminal. As it comes, Firefox asks nothing about WebSockets; it has the question ready.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firefox, permit } from './firefox.js';
import { open } from './shop.js';
import { AROUND, NAME, Pos, serveSite } from './site.js';

test('Firefox as it comes', { timeout: 120_000 }, async (t) => {
  const { site, visit } = await start(t, { 'network.lna.websocket.enabled': false });

  await t.test('it asks nothing: ready without a permission', async (t) => {
    const { pos } = await visit(t);
    await pos.opens();
    await pos.is('ready');
  });

  await t.test("the relay's authority is not trusted: untrusted, by that name", async (t) => {
    const { shop, pos } = await visit(t, { like: undefined });
    await pos.opens();
    const { remedy } = await pos.is('untrusted');
    assert.match(remedy, new RegExp(`certificate.*https://${shop.host}/`));
    await pos.cannotPay();
    assert.deepEqual(await shop.journal(), []);
  });

  await t.test('nothing listens: absent, then ready once the relay is started', async (t) => {
    const { shop, pos } = await visit(t);
    await shop.killRelay();
    await pos.opens();
    await pos.is('absent');
    await pos.cannotPay();
    await shop.restartRelay();
    await pos.is('ready', 40_000);
  });

  await t.test('origin not allowed, and then it is', async (t) => {
    const { shop, pos } = await visit(t, { origins: ['https://other.example.test'] });
    await pos.opens();
    await pos.is('not_allowed');
    await pos.cannotPay();
    await shop.allows(site.origin);
    await pos.tab.evaluate('pos.retry()');
    await pos.is('ready');
  });

  await t.test("the page's own rules forbid the address: blocked", async (t) => {
    const { pos } = await visit(t);
    await pos.opens('/strict');
    await pos.is('blocked');
    await pos.cannotPay();
  });
});

test('Firefox asking about WebSockets', { timeout: 120_000 }, async (t) => {
  const { site, visit } = await start(t, { 'network.lna.websocket.enabled': true, 'network.lna.prompt.timeout': 4_000 });

  await t.test('the question unanswered until its end, then allowed: ready by itself', async (t) => {
    const { pos, context } = await visit(t);
    await pos.opens();
    const since = Date.now();
    await pos.is('ask_pending');
    assert.ok(Date.now() - since < 1_500, `${Date.now() - since} ms`);
    await pos.cannotPay();
    await pos.is('absent');
    await permit(context, site.origin);
    await pos.is('ready', 30_000);
  });

  await t.test('denied; given later, it connects by itself', async (t) => {
    const { pos, context } = await visit(t);
    await permit(context, site.origin, 'denied');
    await pos.opens();
    const { remedy } = await pos.is('denied');
    assert.match(remedy, /site settings/);
    await pos.cannotPay();
    await permit(context, site.origin);
    await pos.is('ready');
  });

  await t.test('in a frame: without `allow` the attribute is named; with it, it is ready', async (t) => {
    const { pos, context } = await visit(t);
    const around = site.origin.replace(NAME, AROUND);
    await permit(context, around);
    const frame = async (path) => {
      await pos.tab.goto(around + path);
      return new Pos({ evaluate: (script) => pos.tab.frames()[1].evaluate(script) });
    };
    const { remedy } = await (await frame('/frame')).is('denied');
    assert.match(remedy, /<iframe> must have allow="loopback-network"/);
    await (await frame('/frame-allow')).is('ready');
  });
});

async function start(t, preferences) {
  const site = await serveSite(t);
  const known = await open(t, { origins: [site.origin] });
  const browser = await firefox(t, { trusts: [known.relay.ca, site.ca], site, preferences });
  const visit = async (t, options) => {
    const shop = await open(t, { origins: [site.origin], like: known, ...options });
    site.sell(shop.relay);
    const context = await browser.createBrowserContext();
    t.after(() => context.close());
    return { shop, context, pos: new Pos(await context.newPage(), site.origin) };
  };
  return { site, visit };
}
