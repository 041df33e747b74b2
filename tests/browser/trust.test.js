// The browser believes the relay because its authority is in the certificate
// store, and for no other reason.

import assert from 'node:assert/strict';
import { newPage, open, story } from './shop.js';

story('a browser without the authority does not open the page', async (t) => {
  const shop = await open(t);
  const page = await newPage(await shop.browser({ trusts: [] }));
  await assert.rejects(page.goto(`https://${shop.host}/demo/`), /ERR_CERT_AUTHORITY_INVALID/);
});

story('the authority of another relay is not enough', async (t) => {
  const shop = await open(t);
  const other = await open(t);
  const page = await newPage(await shop.browser({ trusts: [other.relay.ca] }));
  await page.goto(`https://${other.host}/demo/`);
  await assert.rejects(page.goto(`https://${shop.host}/demo/`), /ERR_CERT_AUTHORITY_INVALID/);
});

story('`localhost` is the relay too; a name that somebody pointed here is not', async (t) => {
  const shop = await open(t);
  const port = new URL(shop.relay.page).port;
  const page = await newPage(await shop.browser({ flags: ['--host-resolver-rules=MAP evil.example 127.0.0.1'] }));
  await page.goto(`https://localhost:${port}/demo/`);
  await page.locator('[data-testid="connection"][data-state="ready"]').waitFor();
  await assert.rejects(page.goto(`https://evil.example:${port}/demo/`), /ERR_CERT_COMMON_NAME_INVALID/);
});
