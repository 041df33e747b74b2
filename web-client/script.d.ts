/** Everything in one file, for a page that has no modules: `<script src="caisse-relay.script.js"></script>` defines the global `CaisseRelay`, and the element. */

export { connect, RelayError } from './caisse-relay.js';
export { Checkout } from './checkout.js';
export { CaisseRelayPayment, PaymentEvent } from './component/component.js';
export as namespace CaisseRelay;
