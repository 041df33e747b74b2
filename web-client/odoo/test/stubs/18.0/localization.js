export * from '../shared/localization.js';
