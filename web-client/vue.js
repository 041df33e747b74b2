// The checkout as a Vue composable.

import { onScopeDispose, shallowRef } from 'vue';
import { Checkout } from './checkout.js';

/** @type {typeof import('./vue.js').useCheckout} */
export function useCheckout(relay, record) {
  const checkout = new Checkout(relay, record);
  const view = shallowRef(checkout.view);
  checkout.subscribe(() => (view.value = checkout.view));
  onScopeDispose(checkout.open());
  return { view, checkout };
}
