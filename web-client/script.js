// Everything in one file, for a page that has no modules: the global `CaisseRelay`, and <caisse-relay-payment>.

export { connect, RelayError } from './caisse-relay.js';
export { Checkout } from './checkout.js';
export { CaisseRelayPayment, PaymentEvent } from './component/component.js';
