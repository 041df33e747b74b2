// The page's words. Sentences about payments and terminals come from the relay.

import { typeset } from '/client/typeset.js';

/** @type {'fr' | 'en'} */
export const lang = chosen();
const locale = lang === 'fr' ? 'fr-FR' : 'en-GB';

/** @type {Record<string, [fr: string, en: string]>} */
export const WORDS = {
  language: ['English', 'Français'],
  unsent: ["La page n'est pas reliée au relais : rien n'a été demandé et rien n'a changé. Recommencez quand elle l'est.", 'The page is not connected to the relay: nothing was asked and nothing has changed. Try again when it is.'],
  lost: ["La liaison s'est coupée avant la réponse. Quand la page est de nouveau reliée, regardez si c'est fait avant de recommencer.", 'The connection broke before the answer. When the page is connected again, look whether it is done before you try again.'],
  // The door
  door_title: ["Cette page s'ouvre depuis le relais", 'This page is opened from the relay'],
  door_how: ["Sur l'ordinateur du relais, ouvrez-la depuis l'icône du relais près de l'horloge, ou avec cette commande :", 'On the relay’s computer, open it from the relay’s icon near the clock, or with this command:'],
  door_running: ['Le relais est en marche.', 'The relay is running.'],
  door_stopped: ['Le relais est arrêté.', 'The relay is stopped.'],
  // The connection
  state_starting: ['Connexion…', 'Connecting…'],
  state_ready: ['Relié', 'Connected'],
  state_away: ['Relais absent', 'Relay away'],
  // The verdict
  all_well: ['Tout va bien', 'All is well'],
  all_well_text: ['Le relais attend les caisses. Il ne reste rien à vérifier.', 'The relay is waiting for the tills. Nothing is left to check.'],
  paying: ['Paiement en cours', 'Payment under way'],
  attention_one: ['Un point à regarder', 'One thing to look at'],
  attention_many: ['{n} points à regarder', '{n} things to look at'],
  stopped: ['Le relais ne répond plus', 'The relay does not answer'],
  stopped_text: ["Aucun paiement ne peut partir, et ce qui suit date d'avant la coupure. Relancez Caisse Relay sur cet ordinateur ; la page se reliera toute seule.", 'No payment can start, and what follows is from before. Start Caisse Relay again on this computer; the page will connect by itself.'],
  issue_unsaved: ["Le disque refuse d'enregistrer {n} résultat(s) : aucun nouveau paiement n'est pris. Libérez de la place sur le disque ; le relais réessaie tout seul.", 'The disk refuses to record {n} outcome(s): no new payment is taken. Free some space on the disk; the relay tries again by itself.'],
  issue_unreadable: ["Le journal des paiements ne se lit plus : vérifiez le disque de l'ordinateur.", 'The record of payments cannot be read: check the computer’s disk.'],
  issue_contradicted: ["Un paiement est contredit par le terminal : ce qu'une personne a noté n'est pas ce que le terminal a dit ensuite.", 'The terminal contradicts a payment: what a person wrote down is not what the terminal said later.'],
  issue_unknown_one: ['Un paiement est à vérifier : la carte a peut-être été débitée.', 'One payment has to be checked: the card may have been charged.'],
  issue_unknown_many: ['{n} paiements sont à vérifier : les cartes ont peut-être été débitées.', '{n} payments have to be checked: the cards may have been charged.'],
  issue_waiting_one: ['Un site demande à utiliser le relais.', 'One site asks to use the relay.'],
  issue_waiting_many: ['{n} sites demandent à utiliser le relais.', '{n} sites ask to use the relay.'],
  issue_no_terminal: ["Aucun terminal n'est configuré : ajoutez-en un sous [[terminals]] dans le fichier de configuration, puis relancez le relais.", 'No terminal is configured: add one under [[terminals]] in the configuration file, then start the relay again.'],
  issue_terminal: ['Le dernier essai du terminal « {terminal} » a échoué.', 'The last test of the terminal “{terminal}” failed.'],
  issue_room: ["Il ne reste que {free} sur le disque du journal : libérez de la place avant qu'il refuse les paiements.", 'Only {free} are left on the journal’s disk: free some space before it refuses payments.'],
  issue_ends: ['Le certificat du relais se termine le {date}. Le relais le renouvelle tout seul : s’il ne le fait pas, relancez-le.', 'The relay’s certificate ends on {date}. The relay renews it by itself: if it does not, start it again.'],
  issue_stopping: ['Le relais est en train de s’arrêter.', 'The relay is stopping.'],
  tile_terminals: ['Terminaux', 'Terminals'],
  tile_today: ["Aujourd'hui", 'Today'],
  tile_tills: ['Caisses du réseau', 'Tills of the network'],
  tile_room: ['Place sur le disque', 'Room on the disk'],
  tile_payments_one: ['{n} paiement', '{n} payment'],
  tile_payments_many: ['{n} paiements', '{n} payments'],
  tile_connected: ['{n} reliée(s)', '{n} connected'],
  pair_now: ['Code ouvert jusqu’à {at} :', 'Code open until {at}:'],
  free_one: ['{n} libre', '{n} free'],
  busy_one: ['{n} occupé', '{n} busy'],
  none: ['Aucun', 'None'],
  none_f: ['Aucune', 'None'],
  // To do
  todo: ['À faire maintenant', 'To do now'],
  settle: ['Vérifier et régler', 'Check and settle'],
  settle_name: ['Vérifier et régler : {amount}, {at}', 'Check and settle: {amount}, {at}'],
  contradicted: ['Contredit par le terminal', 'Contradicted by the terminal'],
  corrected: ['C’est corrigé', 'It is corrected'],
  corrected_name: ['C’est corrigé : {amount}, {at}', 'It is corrected: {amount}, {at}'],
  page_asks: ['Ce site demande à utiliser le relais', 'This site asks to use the relay'],
  page_asks_text: ['Autorisez-le seulement si c’est le logiciel de caisse de votre magasin.', 'Allow it only if it is your shop’s point of sale.'],
  allow: ['Autoriser', 'Allow'],
  refuse: ['Refuser', 'Refuse'],
  forget: ['Oublier', 'Forget'],
  allow_name: ['Autoriser {origin}', 'Allow {origin}'],
  refuse_name: ['Refuser {origin}', 'Refuse {origin}'],
  forget_name: ['Oublier la décision pour {origin}', 'Forget the decision about {origin}'],
  // Settling
  settle_title: ['Que dit le ticket du terminal ?', 'What does the terminal’s ticket say?'],
  settle_look: ['Cherchez cette opération sur le ticket du terminal, ou dans son journal (menu du terminal, « Duplicata » ou « Liste des transactions ») :', 'Look for this operation on the terminal’s ticket, or in its journal (the terminal’s menu, “Duplicate” or “Transactions”):'],
  settle_rule_yes: ['Oui, si le ticket montre cette heure, ce montant et « accepté » ou un numéro d’autorisation.', 'Yes, if the ticket shows this time, this amount and “accepted” or an authorization number.'],
  settle_rule_no: ['Non, si le ticket dit « refusé » ou « abandon », ou si le journal n’a rien à cette heure.', 'No, if the ticket says “declined” or “abandoned”, or the journal has nothing at that time.'],
  evidence: ['Ce que le terminal dit de sa dernière opération', 'What the terminal says of its last operation'],
  evidence_same: ['C’est le même montant, mais ce peut être un autre client : comparez l’heure sur le ticket.', 'It is the same amount, but it may be another customer: compare the time on the ticket.'],
  evidence_other: ['Ce n’est pas le même montant : c’est sans doute une autre opération.', 'It is not the same amount: it is probably another operation.'],
  evidence_none: ['Le terminal n’a pas donné son montant.', 'The terminal did not give its amount.'],
  evidence_done: ['faite', 'done'],
  evidence_not_done: ['non faite', 'not done'],
  your_name: ['Votre nom', 'Your name'],
  note: ['Remarque (facultative)', 'Remark (optional)'],
  name_missing: ['Écrivez votre nom : il est gardé avec la réponse.', 'Write your name: it is kept with the answer.'],
  settle_yes: ['Oui, il montre une opération acceptée', 'Yes, it shows an operation that was accepted'],
  settle_no: ['Non, rien n’a été fait', 'No, nothing was done'],
  later: ['Plus tard', 'Later'],
  close: ['Fermer', 'Close'],
  settled_now: ['Réglé.', 'Settled.'],
  // Terminals
  terminals: ['Terminaux', 'Terminals'],
  no_terminals: ['Aucun terminal. Ajoutez-en un sous [[terminals]] dans le fichier de configuration, puis relancez le relais.', 'No terminal. Add one under [[terminals]] in the configuration file, then start the relay again.'],
  terminal_free: ['Libre', 'Free'],
  terminal_paying: ['Paiement de {till}', 'Payment of {till}'],
  terminal_asked: ['Interrogé par {till}', 'Asked by {till}'],
  terminal_held: ['Retenu par un paiement sans réponse', 'Held by a payment without an answer'],
  test: ['Tester', 'Test'],
  test_name: ['Tester le terminal {terminal}', 'Test the terminal {terminal}'],
  testing: ['Le relais interroge le terminal…', 'The relay asks the terminal…'],
  trial: ['Essai de 1 centime', '1-cent trial'],
  trial_name: ['Essai de 1 centime sur le terminal {terminal}', '1-cent trial on the terminal {terminal}'],
  release: ['Libérer', 'Free it'],
  release_name: ['Libérer le terminal {terminal}', 'Free the terminal {terminal}'],
  release_title: ['Libérer le terminal « {terminal} »', 'Free the terminal “{terminal}”'],
  release_text: ['Regardez le terminal : aucune carte dedans, aucun client devant, l’écran au repos. Le paiement reste à vérifier ; le relais écoute encore sa réponse.', 'Look at the terminal: no card in it, no customer at it, its screen at rest. The payment still has to be checked; the relay goes on listening for its answer.'],
  // The trial
  trial_title: ['Essai de 1 centime : {terminal}', '1-cent trial: {terminal}'],
  trial_text: ['Avec votre propre carte. Un centime est vraiment débité, puis remboursé si vous le demandez.', 'With your own card. One cent is really charged, then paid back if you ask for it.'],
  trial_pay: ['Débiter 0,01 €', 'Charge €0.01'],
  trial_refund: ['Rembourser 0,01 €', 'Pay back €0.01'],
  trial_cancel: ['Abandonner', 'Give up'],
  trial_done: ['Le terminal sait débiter et rembourser.', 'The terminal can charge and pay back.'],
  trial_waiting: ['Demande en cours…', 'Asking…'],
  step_pay: ['Paiement', 'Payment'],
  step_refund: ['Remboursement', 'Refund'],
  // Payments
  payments_of: ['Paiements : {day}', 'Payments: {day}'],
  today: ["aujourd'hui", 'today'],
  no_payments: ['Aucun paiement ce jour-là.', 'No payment on that day.'],
  day: ['Jour', 'Day'],
  day_before: ['Jour précédent', 'Day before'],
  day_after: ['Jour suivant', 'Day after'],
  show_more: ['Afficher les {n} plus anciens', 'Show the {n} older ones'],
  op_debit: ['Paiement', 'Payment'],
  op_refund: ['Remboursement', 'Refund'],
  op_cancellation: ['Annulation', 'Cancellation'],
  means_card: ['carte', 'card'],
  means_cheque: ['chèque', 'cheque'],
  means_ancv: ['ANCV', 'ANCV'],
  outcome_connecting: ['Appel du terminal', 'Calling the terminal'],
  outcome_sent: ['Au terminal', 'At the terminal'],
  outcome_approved: ['Accepté', 'Approved'],
  outcome_declined: ['Refusé', 'Declined'],
  outcome_not_sent: ['Rien envoyé', 'Not sent'],
  outcome_unknown: ['À vérifier', 'To check'],
  outcome_yes: ['Réglé : fait', 'Settled: done'],
  outcome_no: ['Réglé : non fait', 'Settled: not done'],
  outcome_contradicted: ['Contredit', 'Contradicted'],
  said_yes: ['fait', 'done'],
  said_no: ['non fait', 'not done'],
  f_till: ['Caisse', 'Till'],
  f_terminal: ['Terminal', 'Terminal'],
  f_amount: ['Montant', 'Amount'],
  f_asked: ['Demandé', 'Asked'],
  f_paid: ['Payé', 'Paid'],
  f_asked_at: ['Demandé au terminal à', 'The terminal was asked at'],
  f_time: ['Heure', 'Time'],
  f_reference: ['Référence', 'Reference'],
  f_card: ['Carte', 'Card'],
  f_application: ['Application', 'Application'],
  f_authorization: ['Autorisation', 'Authorization'],
  f_report: ['Réponse du terminal', 'Terminal’s answer'],
  f_settled: ['Lu sur le ticket', 'Read on the ticket'],
  f_operation: ['Dernière opération', 'Last operation'],
  f_id: ['Numéro', 'Number'],
  f_not_recorded: ['Sur le disque', 'On the disk'],
  not_recorded: ['pas encore', 'not yet'],
  // The day
  totals_of: ['Totaux : {day}', 'Totals: {day}'],
  no_totals: ['Rien n’a été encaissé ce jour-là.', 'Nothing was taken on that day.'],
  totals_operation: ['Opération', 'Operation'],
  totals_count: ['Nombre', 'Count'],
  totals_sum: ['Somme', 'Sum'],
  totals_net: ['Solde', 'Net'],
  totals_all: ['Tous les terminaux', 'All terminals'],
  totals_unknown: ['En plus, {n} à vérifier', 'Besides, {n} to check'],
  totals_settled: ['dont {n} réglé(s) par une personne', '{n} of them settled by a person'],
  print: ['Imprimer', 'Print'],
  csv: ['Exporter en CSV', 'Export CSV'],
  json: ['Exporter en JSON', 'Export JSON'],
  exported: ['{n} paiement(s) exporté(s).', '{n} payment(s) exported.'],
  // Tills
  tills: ['Caisses du réseau', 'Tills of the network'],
  no_tills: ['Aucune caisse appairée. Les caisses de cet ordinateur n’en ont pas besoin.', 'No till is paired. Those of this computer need not be.'],
  connected: ['Reliée', 'Connected'],
  last_seen: ['Vue : {at}', 'Seen: {at}'],
  not_seen: ['Pas vue depuis que le relais tourne', 'Not seen since the relay started'],
  paired_at: ['Appairée : {at}', 'Paired: {at}'],
  only_terminals: ['Terminaux : {list}', 'Terminals: {list}'],
  only_operations: ['Peut : {list}', 'May: {list}'],
  may_debit: ['encaisser', 'take payments'],
  may_refund: ['rembourser', 'pay back'],
  may_cancellation: ['annuler', 'cancel'],
  may_settle: ['régler les doutes', 'settle doubts'],
  may_exchange: ['échanges bruts', 'raw exchanges'],
  revoke: ['Retirer', 'Take back'],
  revoke_name: ['Retirer l’accès de {till}', 'Take back the access of {till}'],
  revoke_title: ['Retirer l’accès de « {till} » ?', 'Take back the access of “{till}”?'],
  revoke_text: ['Elle est déconnectée tout de suite et devra être appairée de nouveau. Un paiement qu’elle a lancé continue.', 'It is disconnected at once and has to be paired again. A payment that it has started goes on.'],
  revoke_do: ['Retirer l’accès', 'Take back the access'],
  pair: ['Appairer une caisse', 'Pair a till'],
  pair_title: ['Appairer une caisse du réseau', 'Pair a till of the network'],
  pair_name: ['Nom de la caisse (facultatif)', 'The till’s name (optional)'],
  pair_terminals: ['Terminaux permis', 'Terminals it may use'],
  pair_operations: ['Ce qu’elle peut faire', 'What it may do'],
  pair_open: ['Afficher le code', 'Show the code'],
  pair_nothing: ['Cochez au moins un terminal et une opération.', 'Tick at least one terminal and one operation.'],
  pair_code: ['Tapez ce code sur la caisse', 'Type this code at the till'],
  pair_left: ['Encore {time}, 5 essais.', '{time} left, 5 tries.'],
  pair_at: ['La caisse se connecte à :', 'The till connects to:'],
  pair_local: ['Ce relais n’écoute que son propre ordinateur : pour une caisse du réseau, mettez listen = "0.0.0.0:9443" dans sa configuration et relancez-le.', 'This relay listens on its own computer only: for a till of the network, set listen = "0.0.0.0:9443" in its configuration and start it again.'],
  pair_tablet: ['Sur une tablette, installez d’abord le certificat depuis cette page :', 'On a tablet, first install the certificate from this page:'],
  pair_qr: ['QR code de la page qui donne le certificat', 'QR code of the page that gives the certificate'],
  pair_close: ['Fermer le code', 'Close the code'],
  pair_done: ['La caisse « {till} » est appairée.', 'The till “{till}” is paired.'],
  pair_over: ['Le code n’est plus valable : aucune caisse n’a été appairée.', 'The code is no longer valid: no till was paired.'],
  // Pages
  pages: ['Sites', 'Sites'],
  no_pages: ['Aucun site n’est autorisé. Ouvrez votre logiciel de caisse : il apparaîtra ici et attendra votre accord.', 'No site is allowed. Open your point of sale: it will show up here and wait for you.'],
  page_configured: ['Autorisé par la configuration', 'Allowed by the configuration'],
  page_allowed: ['Autorisé', 'Allowed'],
  page_refused: ['Refusé', 'Refused'],
  // House
  checks: ['Diagnostic', 'Diagnosis'],
  checks_text: ['Le relais regarde tout ce dont il a besoin : réseau, terminaux, certificat, disque… Aucun argent ne bouge.', 'The relay looks at everything that it needs: network, terminals, certificate, disk… No money moves.'],
  run_checks: ['Tout vérifier', 'Check everything'],
  checking: ['Vérification en cours…', 'Checking…'],
  certificate: ['Certificat', 'Certificate'],
  no_certificate: ['Aucun certificat pour le moment.', 'No certificate for now.'],
  authority: ['Autorité', 'Authority'],
  fingerprint: ['Empreinte SHA-256', 'SHA-256 fingerprint'],
  names: ['Noms et adresses', 'Names and addresses'],
  until: ['Valable jusqu’au', 'Valid until'],
  compare: ['Sur un autre appareil, comparez cette empreinte avant de lui faire confiance.', 'On another device, compare this fingerprint before you trust it.'],
  distrust_count: ['{n} fois, la dernière : {at}', '{n} times, the last: {at}'],
  relay: ['Le relais', 'The relay'],
  version: ['Version', 'Version'],
  started: ['En marche depuis', 'Running since'],
  addresses: ['Adresses pour les caisses', 'Addresses for tills'],
  room: ['Place sur le disque', 'Room on the disk'],
  demo: ['Caisse de démonstration', 'Demonstration till'],
  events: ['Événements', 'Events'],
  no_events: ['Rien à signaler.', 'Nothing to report.'],
  event_released: ['{by} a libéré le terminal {terminal}', '{by} freed the terminal {terminal}'],
  event_despite: ['Payé malgré un paiement en doute', 'Paid despite a payment in doubt'],
  event_late: ['Réponse tardive du terminal à un paiement inconnu', 'Late answer of the terminal to an unknown payment'],
  event_origin_allowed: ['{by} a autorisé {note}', '{by} allowed {note}'],
  event_origin_refused: ['{by} a refusé {note}', '{by} refused {note}'],
  event_origin_forgotten: ['{by} a oublié la décision pour {note}', '{by} forgot the decision about {note}'],
  event_till_paired: ['La caisse {note} a été appairée ({by})', 'The till {note} was paired ({by})'],
  event_till_revoked: ['{by} a retiré l’accès de {note}', '{by} took back the access of {note}'],
};

/** @param {string} key @param {Record<string, any>} [values] */
export function say(key, values = {}) {
  const words = WORDS[key]?.[lang === 'fr' ? 0 : 1] ?? key;
  const filled = words.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
  const neat = filled.replaceAll("'", '’');
  return lang === 'fr' ? typeset(neat) : neat;
}

/** One or many. @param {string} key @param {number} n */
export function count(key, n) {
  const one = new Intl.PluralRules(locale).select(n) === 'one';
  return say(`${key}_${one ? 'one' : 'many'}`, { n });
}

/** Whether there are words for this. @param {string} key */
export function knows(key) {
  return key in WORDS;
}

/** Minor units as people write them. @param {number} minor @param {string} currency */
export function money(minor, currency) {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** @param {number} bytes */
export function size(bytes) {
  const [unit, of] = bytes >= 1e9 ? ['gigabyte', 1e9] : ['megabyte', 1e6];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: of === 1e9 && bytes < 1e10 ? 1 : 0 }).format(bytes / of);
}

/** @param {number} n */
export function number(n) {
  return new Intl.NumberFormat(locale).format(n);
}

/** @param {string | number | Date} at */
export function clock(at) {
  return new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(at));
}

/** @param {string | number | Date} at */
export function date(at) {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(new Date(at));
}

/** The clock for today, the day before it otherwise. @param {string | number | Date} at */
export function moment(at) {
  const then = new Date(at);
  const today = then.toDateString() === new Date().toDateString();
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
  const hour = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  return today ? hour.format(then) : `${day.format(then)}, ${hour.format(then)}`;
}

/** @param {Date} day */
export function dayName(day) {
  if (day.toDateString() === new Date().toDateString()) return say('today');
  return new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' }).format(day);
}

function chosen() {
  const kept = localStorage.getItem('caisse-relay.lang');
  const wanted = kept ?? navigator.language.slice(0, 2);
  return wanted === 'en' ? 'en' : 'fr';
}
