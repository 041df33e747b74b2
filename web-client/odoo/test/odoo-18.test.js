import { tellStories } from './stories.js';

await tellStories('18.0');
