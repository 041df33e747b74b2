// The relay's own page in Firefox.

import { firefox } from './firefox.js';
import { tellStatusStories } from './status-stories.js';

tellStatusStories('Firefox', async (t, shop) => {
  const browser = await firefox(t, { trusts: [shop.relay.ca], site: { port: 1 } });
  return async (t) => {
    const context = await browser.createBrowserContext();
    t.after(() => context.close());
    return context.newPage();
  };
});
