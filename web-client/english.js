// What the client tells people, in English: what happened, what it means for the money,
// what to do. The relay's own sentences arrive ready, in the till's language.

/** @type {import('./sentences.js').Words} */
export const english = {
  /** Of an error, which says all three at once, or of a state. */
  says: {
    not_connected: 'The relay is not connected: nothing was sent to the terminal, nothing was charged. Wait for the connection to come back, then try again.',
    not_received: 'The request never reached the relay: nothing was sent to the terminal, nothing was charged. You can try again.',
    connection_lost: 'The connection to the relay broke before its answer. The relay keeps the state of payments: ask again when the connection is back.',
    pair_lost: 'The connection to the relay broke before its answer: the till is not paired. Try again.',
    store_failed: 'The till could not write down the payment number: nothing was sent to the terminal, nothing was charged. Free some space in the browser, then try again.',
    id_reused: 'This payment number is already in use: this request was not sent, nothing more was charged. Wait for the first payment to finish.',
    closed: 'The page closed its connection to the relay. A payment that has started goes on without it: read its outcome before any new payment.',
    connecting: 'Looking for the relay.',
    ready: 'The relay is ready.',
    ask_pending: 'The browser is asking whether this page may reach the relay: no payment can start before the answer.',
    denied: 'The browser forbids this page to reach the relay: no payment can start.',
    absent: 'The relay does not answer: no payment can start.',
    untrusted: "The browser does not trust the relay's certificate: no payment can start.",
    blocked: "This page's security rules forbid the relay's address: no payment can start.",
    not_allowed: 'The relay has not allowed this page yet: no payment can start.',
    not_paired: 'This till is not paired with the relay: no payment can start.',
    old_relay: 'The relay and this page speak different versions: no payment can start.',
    lost: 'The connection to the relay broke: a payment that has started goes on without it.',
    hidden: 'The page is paused.',
  },
  /** What to do, by state or by case. */
  remedies: {
    connecting: 'Wait a moment.',
    ready: 'There is nothing to do.',
    ask_pending: 'Answer “Allow” to the question of the browser. If there is none, check that Caisse Relay is running.',
    denied: 'In the site settings, left of the address, allow {what}; the page then connects by itself.',
    dismissed: 'The question of the browser was left unanswered: press “Try again”, then answer “Allow”.',
    frame: 'Tell the maker of the page around this one: its <iframe> must have allow="{permission}". If it has, allow {what} in the site settings, left of the address.',
    insecure: 'Open the till by its https:// address.',
    absent: 'Check that Caisse Relay is running on {place}. If it is, open {page}: if the browser warns of the certificate, install it, then restart the browser; if it asks a question, answer “Allow”.',
    untrusted: 'Install the certificate of Caisse Relay on this computer, then restart the browser. To check, open {page}.',
    blocked: 'Tell the maker of the till: its CSP rule `connect-src` must permit {origin}.',
    not_allowed: "On the relay's computer, allow {self} in Caisse Relay (caisse-relay origins allow {self}); the page then connects by itself.",
    not_paired: "On the relay's computer, ask Caisse Relay for a code (caisse-relay pair), then type its six digits here.",
    old_relay: 'Update the older one, then reload the page.',
    lost: 'Do not start again: the page resumes by itself.',
    hidden: 'Come back to the page: it resumes by itself.',
    closed: 'Reload the page.',
  },
  /** As the browsers call the two permissions. */
  what: {
    'loopback-network': 'access to apps on this device',
    'local-network': 'access to devices on the local network',
  },
  here: 'this computer',
  self: 'this page',
};
