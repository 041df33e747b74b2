// Payments in WebKitGTK, which asks nobody, with the relay's authority in the store of the machine.

import { tellPaymentStories } from './payment-stories.js';
import { webkit } from './webkit.js';

tellPaymentStories('WebKitGTK', (t, { shop, site }) => webkit(t, { trusts: [shop.relay.ca, site.ca] }));
