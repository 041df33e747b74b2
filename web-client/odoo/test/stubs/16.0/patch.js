export * from '../shared/patch.js';
