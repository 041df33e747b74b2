import { tellStories } from './stories.js';

await tellStories('19.0');
