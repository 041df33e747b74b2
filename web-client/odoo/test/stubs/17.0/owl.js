export * from '../shared/owl.js';
