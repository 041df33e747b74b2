// Stands for the point of sale's own records: what was paid, by the payment's id, so that the same outcome twice is one line.

const KEY = 'example.books';

/** @returns {Record<string, { reference: string | null, outcome: string, charged: string, paid: number }>} */
export function books() {
  return JSON.parse(localStorage.getItem(KEY) ?? '{}');
}

/** A real one would wait for its server here. @param {import('../caisse-relay.js').Payment} payment */
export async function record({ id, reference, operation, outcome, charged, amount, paid }) {
  const sum = charged === 'yes' ? (paid ?? amount) : 0;
  localStorage.setItem(KEY, JSON.stringify({ ...books(), [id]: { reference, outcome, charged, paid: operation === 'debit' ? sum : -sum } }));
  dispatchEvent(new Event('books'));
}

/** One line for each payment, into a list; and again at each change. @param {HTMLElement} list */
export function showBooks(list) {
  const show = () =>
    list.replaceChildren(
      ...Object.entries(books()).map(([id, { reference, outcome, charged, paid }]) => {
        const line = document.createElement('li');
        line.textContent = `${reference ?? ''} · ${outcome} · ${(paid / 100).toFixed(2)} €`;
        Object.assign(line.dataset, { payment: id, outcome, charged, paid });
        return line;
      }),
    );
  addEventListener('books', show);
  show();
}

/** Each sale has a number of its own, on the ticket and at the terminal. */
export const nextSale = () => `T-${Date.now()}`;

/** A relay on another computer: `?relay=wss://192.168.1.10:9443/till`. */
export const address = () => new URLSearchParams(location.search).get('relay') ?? undefined;
