export * from '../shared/translation.js';
