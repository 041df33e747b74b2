import { tellStories } from './stories.js';

await tellStories('16.0');
