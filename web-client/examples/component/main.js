// A till with <caisse-relay-payment>: the dialog is the element's, the sale and its record are the page's.

import 'caisse-relay-client/component';
import { address, nextSale, record, showBooks } from '../books.js';

const dialog = document.querySelector('caisse-relay-payment');
if (address()) dialog.setAttribute('address', address());

// Stored, and only then acknowledged: a page that is loaded again is told again.
for (const name of ['payment', 'settled']) {
  dialog.addEventListener(name, (event) => event.waitUntil(record(event.payment)));
}

document.getElementById('sale').addEventListener('submit', (event) => {
  event.preventDefault();
  dialog.amount = Math.round(document.getElementById('amount').valueAsNumber * 100);
  dialog.setAttribute('reference', nextSale());
  dialog.pay();
});

showBooks(document.getElementById('books'));
