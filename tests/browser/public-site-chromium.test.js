// Payments in Chromium from a page of the Internet, permitted by its person.

import { chromium, publicSite } from './chromium.js';
import { tellPaymentStories } from './payment-stories.js';
import { newPage } from './shop.js';

tellPaymentStories('Chromium, permitted', async (t, { shop, site }) => {
  const browser = await chromium(t, { trusts: [shop.relay.ca, site.ca], flags: publicSite(site) });
  return async () => {
    const tab = await newPage(browser);
    await tab.context().grantPermissions(['local-network-access'], { origin: site.origin });
    return tab;
  };
});
