import { openExample, serveExamples } from './counters.js';
import { tellCheckoutStories } from './checkout-stories.js';

tellCheckoutStories('<caisse-relay-payment>', async (t) => {
  const origin = await serveExamples(t);
  return { origins: [origin], start: (shop, browser) => openExample(shop, origin, 'component', { browser }) };
});
