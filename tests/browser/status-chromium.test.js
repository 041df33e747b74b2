// The relay's own page in Chromium.

import { newPage } from './shop.js';
import { tellStatusStories } from './status-stories.js';

tellStatusStories('Chromium', async (t, shop) => {
  const browser = await shop.browser();
  return () => newPage(browser);
});
