/** @odoo-module **/
// Copied by web-client/odoo/addon.js from web-client/french.js (MIT OR Apache-2.0): change it there.

// What the client tells people, in French: what happened, what it means for the money,
// what to do. The relay's own sentences arrive ready, in the till's language.

/** @type {import('./sentences.js').Words} */
export const french = {
  /** Of an error, which says all three at once, or of a state. */
  says: {
    not_connected: "Le relais n'est pas joint : rien n'a été envoyé au terminal, rien n'a été débité. Attendez le retour de la liaison, puis recommencez.",
    not_received: "La demande n'est jamais arrivée au relais : rien n'a été envoyé au terminal, rien n'a été débité. Vous pouvez recommencer.",
    connection_lost: "La liaison avec le relais s'est coupée avant sa réponse. Le relais garde l'état des paiements : redemandez-le quand la liaison revient.",
    pair_lost: "La liaison avec le relais s'est coupée avant sa réponse : la caisse n'est pas associée. Réessayez.",
    store_failed: "La caisse n'a pas pu noter le numéro du paiement : rien n'a été envoyé au terminal, rien n'a été débité. Libérez de la place dans le navigateur, puis recommencez.",
    id_reused: "Ce numéro de paiement sert déjà : cette demande n'est pas partie, rien de plus n'a été débité. Attendez la fin du premier paiement.",
    closed: 'La page a fermé la liaison avec le relais. Un paiement commencé continue sans elle : relisez son résultat avant tout nouveau paiement.',
    connecting: 'Recherche du relais.',
    ready: 'Le relais est prêt.',
    ask_pending: 'Le navigateur demande si cette page peut joindre le relais : aucun paiement ne peut partir avant la réponse.',
    denied: 'Le navigateur interdit à cette page de joindre le relais : aucun paiement ne peut partir.',
    absent: 'Le relais ne répond pas : aucun paiement ne peut partir.',
    untrusted: 'Le navigateur ne reconnaît pas le certificat du relais : aucun paiement ne peut partir.',
    blocked: "Les règles de sécurité de cette page interdisent l'adresse du relais : aucun paiement ne peut partir.",
    not_allowed: "Le relais n'a pas encore autorisé cette page : aucun paiement ne peut partir.",
    not_paired: "Cette caisse n'est pas associée au relais : aucun paiement ne peut partir.",
    old_relay: 'Le relais et cette page ne parlent pas la même version : aucun paiement ne peut partir.',
    lost: "La liaison avec le relais s'est coupée : un paiement commencé continue sans elle.",
    hidden: 'La page est en pause.',
  },
  /** What to do, by state or by case. */
  remedies: {
    connecting: 'Patientez un instant.',
    ready: "Il n'y a rien à faire.",
    ask_pending: "Répondez « Autoriser » à la question du navigateur. S'il n'en pose pas, vérifiez que Caisse Relay est démarré.",
    denied: "Dans les réglages du site, à gauche de l'adresse, autorisez {what} ; la page se connecte alors toute seule.",
    dismissed: 'La question du navigateur est restée sans réponse : appuyez sur « Réessayer », puis répondez « Autoriser ».',
    frame: 'Prévenez l\'éditeur de la page qui entoure celle-ci : son <iframe> doit porter allow="{permission}". S\'il le porte, autorisez {what} dans les réglages du site, à gauche de l\'adresse.',
    insecure: 'Ouvrez la caisse par son adresse en https://.',
    absent: "Vérifiez que Caisse Relay est démarré sur {place}. S'il l'est, ouvrez {page} : si le navigateur s'inquiète du certificat, installez-le puis redémarrez le navigateur ; s'il pose une question, répondez « Autoriser ».",
    untrusted: 'Installez le certificat de Caisse Relay sur cet ordinateur, puis redémarrez le navigateur. Pour vérifier, ouvrez {page}.',
    blocked: "Prévenez l'éditeur de la caisse : sa règle CSP « connect-src » doit permettre {origin}.",
    not_allowed: "Sur l'ordinateur du relais, autorisez {self} dans Caisse Relay (caisse-relay origins allow {self}) ; la page se connecte alors toute seule.",
    not_paired: "Sur l'ordinateur du relais, demandez un code à Caisse Relay (caisse-relay pair), puis tapez ici ses six chiffres.",
    old_relay: 'Mettez à jour le plus ancien des deux, puis rechargez la page.',
    lost: 'Ne recommencez rien : la page reprend toute seule.',
    hidden: 'Revenez sur la page : elle reprend toute seule.',
    closed: 'Rechargez la page.',
  },
  /** As the browsers call the two permissions. */
  what: {
    'loopback-network': "l'accès aux applications de cet appareil",
    'local-network': "l'accès aux appareils du réseau local",
  },
  here: 'cet ordinateur',
  self: 'cette page',
};
