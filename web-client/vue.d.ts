/**
 * The checkout as a Vue composable (Vue 3.2 or newer).
 *
 * @module caisse-relay-client/vue
 */

import type { ShallowRef } from 'vue';
import type { Relay } from './caisse-relay.js';
import type { Checkout, Recorder, View } from './checkout.js';

/**
 * What to show, and what a person may do: `view.value` is new at each change. It listens until its scope is disposed
 * of; a payment goes on without it, and the next one finds it. `relay` is made once with `connect`.
 */
export function useCheckout(relay: Relay, record: Recorder): { readonly view: Readonly<ShallowRef<View>>; readonly checkout: Checkout };
