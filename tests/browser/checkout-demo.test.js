import { Demo } from './counters.js';
import { tellCheckoutStories } from './checkout-stories.js';

tellCheckoutStories('the demonstration till', async () => ({ origins: [], start: Demo.open }));
