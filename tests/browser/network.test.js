// A till on another computer than the relay: it is paired once, with a code, and
// its browser asks about the local network. In a network of its own, which ends with the test.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium, publicSite } from './chromium.js';
import { Dialog, serveExamples } from './counters.js';
import { run } from './programs.js';
import { newPage, open, story, Till } from './shop.js';
import { Pos, serveSite } from './site.js';

const LAN = '192.168.77.10';
const INSIDE = 'CAISSE_RELAY_TEST_NETWORK';

if (!process.env[INSIDE]) {
  test('a network of its own', { timeout: 150_000 }, async () => {
    const { NODE_TEST_CONTEXT, ...env } = process.env;
    const user = process.getuid() === 0 ? [] : ['--map-root-user'];
    const network = `ip link set lo up && ip addr add ${LAN}/24 dev lo && exec "$@"`;
    const again = [process.execPath, '--test', fileURLToPath(import.meta.url)];
    const apart = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    await run('unshare', [...user, ...apart, 'sh', '-c', network, 'sh', ...again], { ...env, [INSIDE]: 'yes' });
  });
} else {
  story('the permission for the local network is another one', async (t) => {
    const { pos } = await counter(t, { permitted: false });
    await pos.opens();
    const { remedy } = await pos.is('denied');
    assert.match(remedy, /devices on the local network/);
  });

  story('paired with a code, once: it pays, a reload needs no code, and a revoked till is not paired', async (t) => {
    const { shop, pos } = await counter(t);
    await pos.opens();
    const { remedy } = await pos.is('not_paired');
    assert.match(remedy, /six digits/);
    await pos.cannotPay();
    assert.equal(await pos.pairs('000000'), 'pairing_closed');
    const code = await shop.code();
    const wrong = code === '000000' ? '000001' : '000000';
    assert.equal(await pos.pairs(wrong), 'bad_code');
    assert.equal(await pos.pairs(code), 'paired');
    await pos.is('ready');
    await pos.tab.reload();
    await pos.is('ready');
    await pos.asks(1250);
    await pos.shows({ outcome: 'approved' });
    await pos.hasRecorded();
    assert.equal((await shop.onlyPayment()).till, 'Caisse 1');

    await shop.says('tills', 'revoke', 'Caisse 1');
    await pos.is('not_paired');
    assert.equal(await pos.tab.evaluate(`localStorage.getItem('caisse-relay.token.${LAN}')`), null);
    await pos.cannotPay();
    assert.equal((await shop.terminal.operations()).length, 1);
  });

  story('a till that may only sell is refused a refund, and says so', async (t) => {
    const { shop, pos } = await counter(t);
    await pos.opens();
    await pos.is('not_paired');
    await pos.pairs(await shop.code('--operations', 'debit'));
    await pos.is('ready');
    await pos.tab.evaluate('pos.refund(1250)');
    await pos.shows({ phase: 'refused', error: 'not_permitted' });
    await pos.asks(1250);
    await pos.shows({ outcome: 'approved' });
    assert.equal((await shop.terminal.onlyCharge()).operation, 'debit');
  });

  story("the relay restarts and the till's connection comes back without a code", async (t) => {
    const { shop, pos } = await counter(t);
    await pos.opens();
    await pos.is('not_paired');
    await pos.pairs(await shop.code());
    await pos.is('ready');
    await shop.killRelay();
    await pos.is('absent');
    await shop.restartRelay();
    await pos.is('ready', 40_000);
  });

  story('paired in the dialog of <caisse-relay-payment>, which then pays', async (t) => {
    const origin = await serveExamples(t);
    const shop = await open(t, { origins: [origin], listen: `${LAN}:9443` });
    const page = await newPage(await chromium(t, { trusts: [shop.relay.ca] }));
    await page.goto(`${origin}/component/?relay=wss://${LAN}:9443/till`);
    const till = new Dialog(page);
    await till.asks(1250);
    await till.inside('code').fill('000 000');
    await till.inside('pair').click();
    await till.inside('error').filter({ visible: true }).waitFor();
    const code = await shop.code();
    await till.inside('code').fill(`${code.slice(0, 3)} ${code.slice(3)}`);
    await till.inside('code').press('Enter');
    await till.isConnected();
    assert.deepEqual(await shop.journal(), [], 'being paired starts nothing');
    await till.inside('start').click();
    await till.sees({ stage: 'approved' });
    await till.hasAcknowledged();
    await shop.terminal.onlyCharge();
    assert.equal((await shop.onlyPayment()).till, 'Caisse 1');
  });

  story('the demonstration till on a tablet: the code is typed on the page', async (t) => {
    const { shop } = await counter(t);
    const page = await newPage(await chromium(t, { trusts: [shop.relay.ca] }));
    await page.goto(`https://${LAN}:9443/demo/`);
    const till = new Till(page);
    await till.part('pair-code').fill('000 000');
    await till.part('pair').click();
    await till.part('pair-error').waitFor();
    assert.match(await till.reads('pair-error'), /code/);
    const code = await shop.code();
    await till.part('pair-code').fill(`${code.slice(0, 3)} ${code.slice(3)}`);
    await till.part('pair-code').press('Enter');
    await till.isConnected();
    await till.asks(1250);
    await till.sees({ phase: 'closed', outcome: 'approved' });
    await till.hasAcknowledged();
    await shop.terminal.onlyCharge();
  });
}

async function counter(t, { permitted = true } = {}) {
  const site = await serveSite(t);
  const shop = await open(t, { origins: [site.origin], listen: `${LAN}:9443` });
  site.sell({ url: `wss://${LAN}:9443/till`, page: `https://${LAN}:9443/` });
  const tab = await newPage(await chromium(t, { trusts: [shop.relay.ca, site.ca], flags: publicSite(site) }));
  if (permitted) await tab.context().grantPermissions(['local-network-access'], { origin: site.origin });
  return { shop, site, pos: new Pos(tab, site.origin) };
}
