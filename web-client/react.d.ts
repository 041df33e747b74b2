/**
 * The checkout as a React hook (React 18 or newer).
 *
 * @module caisse-relay-client/react
 */

import type { Relay } from './caisse-relay.js';
import type { Checkout, Recorder, View } from './checkout.js';

/**
 * What to show, and what a person may do: `view` is new at each change. It listens while the component is mounted; a
 * payment goes on without it, and the next one finds it. `relay` is made once, outside of components, with `connect`.
 */
export function useCheckout(relay: Relay, record: Recorder): { readonly view: View; readonly checkout: Checkout };
