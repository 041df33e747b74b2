// What the client itself tells people: what happened, what it means for the
// money, what to do. The relay's own sentences arrive ready, in the till's language.

/** @type {Record<string, [fr: string, en: string]>} */
const SENTENCES = {
  // Errors
  not_connected: [
    "Le relais n'est pas joint : rien n'a été envoyé au terminal, rien n'a été débité. Attendez le retour de la liaison, puis recommencez.",
    'The relay is not connected: nothing was sent to the terminal, nothing was charged. Wait for the connection to come back, then try again.',
  ],
  not_received: [
    "La demande n'est jamais arrivée au relais : rien n'a été envoyé au terminal, rien n'a été débité. Vous pouvez recommencer.",
    'The request never reached the relay: nothing was sent to the terminal, nothing was charged. You can try again.',
  ],
  connection_lost: [
    "La liaison avec le relais s'est coupée avant sa réponse. Le relais garde l'état des paiements : redemandez-le quand la liaison revient.",
    'The connection to the relay broke before its answer. The relay keeps the state of payments: ask again when the connection is back.',
  ],
  store_failed: [
    "La caisse n'a pas pu noter le numéro du paiement : rien n'a été envoyé au terminal, rien n'a été débité. Libérez de la place dans le navigateur, puis recommencez.",
    'The till could not write down the payment number: nothing was sent to the terminal, nothing was charged. Free some space in the browser, then try again.',
  ],
  id_reused: [
    "Ce numéro de paiement attend déjà une autre réponse : cette demande n'a pas été envoyée, rien de plus n'a été débité. Attendez la fin du premier paiement.",
    'This payment number is already waiting for another answer: this request was not sent, nothing more was charged. Wait for the first payment to finish.',
  ],
  closed: [
    'La page a fermé la liaison avec le relais. Un paiement commencé continue sans elle : relisez son résultat avant tout nouveau paiement.',
    'The page closed its connection to the relay. A payment that has started goes on without it: read its outcome before any new payment.',
  ],
  // States
  starting: ['Recherche du relais.', 'Looking for the relay.'],
  ready: ['Le relais est prêt.', 'The relay is ready.'],
  permission_prompt: [
    "Le navigateur demande si cette page peut joindre le relais : rien n'est parti. Répondez « Autoriser ».",
    'The browser is asking whether this page may reach the relay: nothing has been sent. Answer “Allow”.',
  ],
  permission_denied: [
    "Le navigateur interdit à cette page de joindre le relais : aucun paiement ne peut partir. Ouvrez les réglages du site, à gauche de l'adresse, et autorisez l'accès aux applications de cet appareil.",
    'The browser forbids this page to reach the relay: no payment can start. Open the site settings, left of the address, and allow access to apps on this device.',
  ],
  no_answer: [
    'Le relais ne répond pas : aucun paiement ne peut partir. Vérifiez que Caisse Relay est démarré et son certificat installé ; la page réessaie toute seule.',
    'The relay does not answer: no payment can start. Check that Caisse Relay is running and its certificate installed; the page keeps trying by itself.',
  ],
  untrusted: [
    'Le navigateur ne reconnaît pas le certificat du relais : aucun paiement ne peut partir. Installez le certificat, puis redémarrez le navigateur.',
    "The browser does not trust the relay's certificate: no payment can start. Install the certificate, then restart the browser.",
  ],
  blocked: [
    "Les règles de sécurité de cette page interdisent l'adresse du relais : aucun paiement ne peut partir. Prévenez l'éditeur de la caisse (CSP connect-src).",
    "This page's security rules forbid the relay's address: no payment can start. Tell the maker of the till (CSP connect-src).",
  ],
  lost: [
    "La liaison avec le relais s'est coupée : un paiement commencé continue sans elle. Ne recommencez rien, la page reprend toute seule.",
    'The connection to the relay broke: a payment that has started goes on without it. Do not start again, the page resumes by itself.',
  ],
  hidden: ['La page est en pause.', 'The page is paused.'],
  origin_not_allowed: [
    "Le relais refuse l'adresse de cette page : aucun paiement ne peut partir. Ajoutez-la à « allow_origins » dans sa configuration.",
    "The relay refuses this page's address: no payment can start. Add it to `allow_origins` in its configuration.",
  ],
  other_protocol: [
    'Le relais et cette page ne parlent pas la même version : aucun paiement ne peut partir. Mettez à jour le plus ancien des deux.',
    'The relay and this page speak different versions: no payment can start. Update the older one.',
  ],
};

/**
 * @param {string} code
 * @param {import('./caisse-relay.js').Language} lang
 */
export function sentence(code, lang) {
  const [fr, en] = SENTENCES[code] ?? [code, code];
  return lang === 'en' ? en : typeset(fr);
}

/**
 * No line may break inside the guillemets or before a double punctuation mark.
 * @param {string} french
 */
export function typeset(french) {
  return french.replace(/« | (?=[»:;?!])/g, (found) => found.replace(' ', '\u00a0'));
}
