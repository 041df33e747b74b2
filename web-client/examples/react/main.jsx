// A till in React: `useCheckout` keeps the rules, the page draws.

import { useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { connect } from 'caisse-relay-client';
import { useCheckout } from 'caisse-relay-client/react';
import { address, nextSale, record, showBooks } from '../books.js';

const relay = connect({ url: address(), till: 'Caisse 1', lang: 'fr' });

function Till() {
  const { view, checkout } = useCheckout(relay, record);
  const { stage, payment, error, status, ready } = view;
  const [euros, setEuros] = useState('12.50');
  const pay = (event) => {
    event.preventDefault();
    checkout.start({ amount: Math.round(Number(euros) * 100), currency: 'EUR', reference: nextSale() });
  };
  return (
    <>
      {status.state !== 'ready' && <Away status={status} />}
      <form onSubmit={pay}>
        <label>Montant (€) <input data-testid="amount" type="number" min="0.01" step="0.01" value={euros} onChange={(event) => setEuros(event.target.value)} /></label>
        <button data-testid="pay" disabled={!ready}>Payer</button>
      </form>
      <div role="status" data-testid="stage" data-stage={stage} data-step={payment?.step ?? ''} data-charged={payment?.charged ?? ''}>
        {error?.message ?? payment?.advice}
      </div>
      <div className="row">
        {stage === 'waiting' && <button data-testid="cancel" onClick={() => checkout.cancel()}>Abandonner</button>}
        {stage === 'unknown' && <Settle answer={(charged, by) => checkout.settle({ charged, by })} />}
        {['approved', 'settled', 'contradicted'].includes(stage) && <button data-testid="next" onClick={() => checkout.clear()}>Vente suivante</button>}
      </div>
    </>
  );
}

function Away({ status: { message, remedy, state } }) {
  const [code, setCode] = useState('');
  return (
    <div className="away" data-testid="connection" data-state={state}>
      <p>{message} {remedy}</p>
      {state === 'not_paired' ? (
        <form onSubmit={(event) => { event.preventDefault(); relay.pair(code).catch(({ message }) => alert(message)); }}>
          <label>Code <input value={code} onChange={(event) => setCode(event.target.value)} /></label>
          <button>Associer</button>
        </form>
      ) : (
        <button onClick={() => relay.retry()}>Réessayer</button>
      )}
    </div>
  );
}

function Settle({ answer }) {
  const name = useRef(null);
  const say = (charged) => name.current.reportValidity() && answer(charged, name.current.value);
  return (
    <>
      <label>Votre nom <input data-testid="by" ref={name} required /></label>
      <button data-testid="settle-yes" onClick={() => say('yes')}>Le ticket montre un paiement</button>
      <button data-testid="settle-no" onClick={() => say('no')}>Rien n’a été débité</button>
    </>
  );
}

createRoot(document.getElementById('app')).render(<Till />);
showBooks(document.getElementById('books'));
