export * from '../shared/dialog.js';
