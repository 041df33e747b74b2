// The relay's own page in WebKitGTK.

import { tellStatusStories } from './status-stories.js';
import { webkit } from './webkit.js';

tellStatusStories('WebKitGTK', (t, shop) => webkit(t, { trusts: [shop.relay.ca] }));
