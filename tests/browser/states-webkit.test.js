// What WebKitGTK lets a page know of a relay that it cannot reach: it asks no
// permission, and it tells a certificate from an absent relay no better than Chromium.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from './shop.js';
import { Pos, serveSite } from './site.js';
import { webkit } from './webkit.js';

test('WebKitGTK', { timeout: 120_000 }, async (t) => {
  const site = await serveSite(t);
  const known = await open(t, { origins: [site.origin] });
  const browse = await webkit(t, { trusts: [known.relay.ca, site.ca] });
  const visit = async (t, options) => {
    const shop = await open(t, { origins: [site.origin], like: known, ...options });
    site.sell(shop.relay);
    return { shop, pos: new Pos(await browse(t), site.origin) };
  };

  await t.test('nothing listens: absent, then ready once the relay is started', async (t) => {
    const { shop, pos } = await visit(t);
    await shop.killRelay();
    await pos.opens();
    await pos.is('absent');
    await pos.cannotPay();
    await shop.restartRelay();
    await pos.is('ready', 20_000);
  });

  await t.test("the relay's authority is not trusted: absent, and the remedy has both causes", async (t) => {
    const { shop, pos } = await visit(t, { like: undefined });
    await pos.opens();
    const { remedy } = await pos.is('absent');
    assert.match(remedy, new RegExp(`running on this computer.*https://${shop.host}/.*certificate`));
    await pos.cannotPay();
    assert.deepEqual(await shop.journal(), []);
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
