export * from '../shared/confirmation_dialog.js';
