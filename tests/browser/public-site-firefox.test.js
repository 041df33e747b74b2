// Payments in Firefox from a page of the Internet: as it comes, where WebSockets are
// not asked about, and as it will be, where they are.

import { firefox, permit } from './firefox.js';
import { tellPaymentStories } from './payment-stories.js';

for (const asks of [false, true]) {
  tellPaymentStories(`Firefox, ${asks ? 'asking about WebSockets, permitted' : 'as it comes'}`, async (t, { shop, site }) => {
    const preferences = { 'network.lna.websocket.enabled': asks };
    const browser = await firefox(t, { trusts: [shop.relay.ca, site.ca], site, preferences });
    return async (t) => {
      const context = await browser.createBrowserContext();
      t.after(() => context.close());
      if (asks) await permit(context, site.origin);
      return context.newPage();
    };
  });
}
