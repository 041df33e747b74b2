/** @odoo-module **/
// Copied by web-client/odoo/addon.js from web-client/sentences.js (MIT OR Apache-2.0): change it there.

// What the client itself tells people: what happened, what it means for the
// money, what to do. The relay's own sentences arrive ready, in the till's language.

/** Errors, which say all three at once. @type {Record<string, [fr: string, en: string]>} */
const ERRORS = {
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
  pair_lost: [
    "La liaison avec le relais s'est coupée avant sa réponse : la caisse n'est pas associée. Réessayez.",
    'The connection to the relay broke before its answer: the till is not paired. Try again.',
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
};

/** @type {Record<import('./caisse-relay.js').State, [fr: string, en: string]>} */
const STATES = {
  connecting: ['Recherche du relais.', 'Looking for the relay.'],
  ready: ['Le relais est prêt.', 'The relay is ready.'],
  ask_pending: [
    'Le navigateur demande si cette page peut joindre le relais : aucun paiement ne peut partir avant la réponse.',
    'The browser is asking whether this page may reach the relay: no payment can start before the answer.',
  ],
  denied: [
    'Le navigateur interdit à cette page de joindre le relais : aucun paiement ne peut partir.',
    'The browser forbids this page to reach the relay: no payment can start.',
  ],
  absent: ['Le relais ne répond pas : aucun paiement ne peut partir.', 'The relay does not answer: no payment can start.'],
  untrusted: [
    'Le navigateur ne reconnaît pas le certificat du relais : aucun paiement ne peut partir.',
    "The browser does not trust the relay's certificate: no payment can start.",
  ],
  blocked: [
    "Les règles de sécurité de cette page interdisent l'adresse du relais : aucun paiement ne peut partir.",
    "This page's security rules forbid the relay's address: no payment can start.",
  ],
  not_allowed: [
    "Le relais n'a pas encore autorisé cette page : aucun paiement ne peut partir.",
    'The relay has not allowed this page yet: no payment can start.',
  ],
  not_paired: [
    "Cette caisse n'est pas associée au relais : aucun paiement ne peut partir.",
    'This till is not paired with the relay: no payment can start.',
  ],
  old_relay: [
    'Le relais et cette page ne parlent pas la même version : aucun paiement ne peut partir.',
    'The relay and this page speak different versions: no payment can start.',
  ],
  lost: [
    "La liaison avec le relais s'est coupée : un paiement commencé continue sans elle.",
    'The connection to the relay broke: a payment that has started goes on without it.',
  ],
  hidden: ['La page est en pause.', 'The page is paused.'],
  closed: ERRORS.closed,
};

/** What to do, by state or by case. @type {Record<string, [fr: string, en: string]>} */
const REMEDIES = {
  connecting: ['Patientez un instant.', 'Wait a moment.'],
  ready: ["Il n'y a rien à faire.", 'There is nothing to do.'],
  ask_pending: [
    "Répondez « Autoriser » à la question du navigateur. S'il n'en pose pas, vérifiez que Caisse Relay est démarré.",
    'Answer “Allow” to the question of the browser. If there is none, check that Caisse Relay is running.',
  ],
  denied: [
    "Dans les réglages du site, à gauche de l'adresse, autorisez {what} ; la page se connecte alors toute seule.",
    'In the site settings, left of the address, allow {what}; the page then connects by itself.',
  ],
  dismissed: [
    'La question du navigateur est restée sans réponse : appuyez sur « Réessayer », puis répondez « Autoriser ».',
    'The question of the browser was left unanswered: press “Try again”, then answer “Allow”.',
  ],
  frame: [
    "Prévenez l'éditeur de la page qui entoure celle-ci : son <iframe> doit porter allow=\"{permission}\". S'il le porte, autorisez {what} dans les réglages du site, à gauche de l'adresse.",
    'Tell the maker of the page around this one: its <iframe> must have allow="{permission}". If it has, allow {what} in the site settings, left of the address.',
  ],
  insecure: ['Ouvrez la caisse par son adresse en https://.', 'Open the till by its https:// address.'],
  absent: [
    "Vérifiez que Caisse Relay est démarré sur {place}. S'il l'est, ouvrez {page} : si le navigateur s'inquiète du certificat, installez-le puis redémarrez le navigateur ; s'il pose une question, répondez « Autoriser ».",
    'Check that Caisse Relay is running on {place}. If it is, open {page}: if the browser warns of the certificate, install it, then restart the browser; if it asks a question, answer “Allow”.',
  ],
  untrusted: [
    'Installez le certificat de Caisse Relay sur cet ordinateur, puis redémarrez le navigateur. Pour vérifier, ouvrez {page}.',
    'Install the certificate of Caisse Relay on this computer, then restart the browser. To check, open {page}.',
  ],
  blocked: [
    "Prévenez l'éditeur de la caisse : sa règle CSP « connect-src » doit permettre {origin}.",
    'Tell the maker of the till: its CSP rule `connect-src` must permit {origin}.',
  ],
  not_allowed: [
    "Sur l'ordinateur du relais, autorisez {self} dans Caisse Relay (caisse-relay origins allow {self}) ; la page se connecte alors toute seule.",
    "On the relay's computer, allow {self} in Caisse Relay (caisse-relay origins allow {self}); the page then connects by itself.",
  ],
  not_paired: [
    "Sur l'ordinateur du relais, demandez un code à Caisse Relay (caisse-relay pair), puis tapez ici ses six chiffres.",
    "On the relay's computer, ask Caisse Relay for a code (caisse-relay pair), then type its six digits here.",
  ],
  old_relay: ['Mettez à jour le plus ancien des deux, puis rechargez la page.', 'Update the older one, then reload the page.'],
  lost: ['Ne recommencez rien : la page reprend toute seule.', 'Do not start again: the page resumes by itself.'],
  hidden: ['Revenez sur la page : elle reprend toute seule.', 'Come back to the page: it resumes by itself.'],
  closed: ['Rechargez la page.', 'Reload the page.'],
};

/** As the browsers call the two permissions. @type {Record<string, [fr: string, en: string]>} */
const WHAT = {
  'loopback-network': ["l'accès aux applications de cet appareil", 'access to apps on this device'],
  'local-network': ["l'accès aux appareils du réseau local", 'access to devices on the local network'],
};

/**
 * @param {string} code
 * @param {import('./caisse-relay.js').Language} lang
 */
export function sentence(code, lang) {
  return say(ERRORS[code] ?? STATES[/** @type {import('./caisse-relay.js').State} */ (code)] ?? [code, code], lang);
}

/**
 * @param {Pick<import('./connection.js').Connection, 'state' | 'case' | 'home' | 'permission'>} connection
 * @param {import('./caisse-relay.js').Language} lang
 */
export function remedy({ state, case: which, home, permission }, lang) {
  const host = /^\w+:\/\/([^/]+)/.exec(home)?.[1] ?? home;
  const here = permission === 'loopback-network';
  /** @type {Record<string, string>} */
  const known = {
    permission,
    what: say(WHAT[permission], lang),
    page: `https://${host}/`,
    origin: `wss://${host}`,
    place: here ? say(['cet ordinateur', 'this computer'], lang) : host,
    self: globalThis.location?.origin ?? say(['cette page', 'this page'], lang),
  };
  return say(REMEDIES[which || state], lang).replace(/\{(\w+)\}/g, (_, name) => known[name]);
}

/** @param {[fr: string, en: string]} sentences @param {import('./caisse-relay.js').Language} lang */
function say([fr, en], lang) {
  return lang === 'en' ? en : typeset(fr);
}

/**
 * No line may break inside the guillemets or before a double punctuation mark.
 * @param {string} french
 */
export function typeset(french) {
  return french.replace(/« | (?=[»:;?!])/g, (found) => found.replace(' ', '\u00a0'));
}
