// The checkout as a React hook.

import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { Checkout } from './checkout.js';

/** @type {typeof import('./react.js').useCheckout} */
export function useCheckout(relay, record) {
  const latest = useRef(record);
  useEffect(() => {
    latest.current = record;
  });
  const { checkout, subscribe } = useMemo(() => {
    const checkout = new Checkout(relay, (payment) => latest.current(payment));
    return { checkout, subscribe: checkout.subscribe.bind(checkout) };
  }, [relay]);
  useEffect(() => checkout.open(), [checkout]);
  const look = () => checkout.view;
  return { view: useSyncExternalStore(subscribe, look, look), checkout };
}
