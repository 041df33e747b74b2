import { tellStories } from './stories.js';

await tellStories('17.0');
