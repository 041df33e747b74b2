// What the dialog says and shows, from what the till knows.

import { WORDS } from './words.js';

/** @typedef {import('../caisse-relay.js').Payment} Payment */
/** @typedef {import('../checkout.js').View} View */
/** @typedef {{ lang: 'fr' | 'en', sale: import('../checkout.js').Sale, terminals: import('../caisse-relay.js').Terminal[], till: string | null }} Around */

/** @type {Record<string, import('./dom.js').Icon>} */
const ICONS = { approved: 'yes', declined: 'no', refused: 'no', not_sent: 'stop', unknown: 'maybe', contradicted: 'maybe' };
const LOCALES = { fr: 'fr-FR', en: 'en-GB' };
/** The permission or the relay may have changed by itself; these wait for a person. */
const QUIET = ['connecting', 'ready', 'not_paired', 'hidden'];

/** @param {number} amount in minor units @param {string} currency @param {'fr' | 'en'} lang */
export function money(amount, currency, lang) {
  try {
    const format = new Intl.NumberFormat(LOCALES[lang], { style: 'currency', currency });
    return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
  } catch {
    return `${amount} ${currency}`;
  }
}

/** @param {ReturnType<typeof import('./dom.js').makeDialog>} parts @param {View} view @param {Around} around */
export function draw({ dialog, part, icon }, view, { lang, sale, terminals }) {
  const words = WORDS[lang];
  const { stage, payment, error, status, ready } = view;
  const { amount, currency, operation = 'debit' } = payment ?? (stage === 'idle' ? sale : view.sale ?? sale);
  const sum = (/** @type {number} */ minor) => money(minor, currency, lang);
  const say = (/** @type {string} */ name, /** @type {string | null | undefined} */ text) => {
    // A live region that is written to is read out: only what is new is written.
    if (part(name).textContent !== (text ?? '')) part(name).textContent = text ?? '';
  };
  const show = (/** @type {string} */ name, /** @type {unknown} */ shown) => (part(name).hidden = !shown);
  const fact = (/** @type {string} */ name, /** @type {string | null | undefined | false} */ text) => {
    say(name, text || '');
    say(`${name}-word`, words[name]);
    part(name).parentElement.hidden = !text;
  };

  dialog.lang = lang;
  Object.assign(dialog.dataset, { stage, charged: payment?.charged ?? '', outcome: payment?.outcome ?? '', step: payment?.step ?? '', code: error?.code ?? payment?.reason ?? '', payment: payment?.id ?? '' });
  say('operation', words[`op_${operation}`]);
  say('amount', sum(amount));

  // The connection
  const away = status.state !== 'ready';
  show('connection', away);
  part('connection').dataset.state = status.state;
  say('message', away ? status.message : '');
  say('remedy', away ? status.remedy : '');
  part('message').title = status.detail;
  show('pairing', status.state === 'not_paired');
  show('retry', !QUIET.includes(status.state));

  // What happened
  const open = stage === 'starting' || stage === 'waiting';
  const settled = stage === 'settled' ? payment?.charged : null;
  icon(settled === 'yes' || settled === 'no' ? settled : ICONS[stage] ?? 'card');
  show('outcome', stage !== 'idle' || !away);
  say('title', titleOf(view, words));
  say('advice', error?.message ?? payment?.advice);
  show('steps', open);
  const now = payment?.step === 'sent' ? 1 : 0;
  ['call', 'card', 'answer'].forEach((name, index) => {
    say(`step_${name}`, words[`step_${name}`]);
    part(`step_${name}`).dataset.is = index < now ? 'done' : index === now ? 'now' : '';
  });
  if (open && payment) say('step_card', `${words.step_card}${now ? ` · ${seconds(payment)} ${words.seconds}` : ''}`);

  const paid = payment?.paid ?? null;
  const more = paid !== null && paid > amount ? ` (${words.tip} ${sum(paid - amount)})` : '';
  const { receipt, report, resolved } = payment ?? {};
  fact('paid', paid !== null && sum(paid) + more);
  fact('left', operation === 'debit' && paid !== null && paid < amount && sum(amount - paid));
  fact('report', report && [report.label ?? report.code, report.message].filter(Boolean).join(' · '));
  fact('holder', error?.heldBy?.till);
  fact('card', receipt?.card);
  fact('authorization', receipt?.authorization);
  fact('said', resolved && `${words[`said_${resolved.charged}`]} · ${resolved.by}`);
  show('ticket-details', receipt?.ticket);
  say('ticket-word', words.ticket);
  say('ticket', receipt?.ticket);

  // The terminal's ticket, read by a person
  const evidence = payment?.evidence;
  show('assistant', stage === 'unknown');
  show('evidence', evidence);
  say('evidence', evidence && (evidence.done ? `${words.evidence} : ${[evidence.amount !== null && sum(evidence.amount), evidence.card, evidence.authorization].filter(Boolean).join(' · ')}. ${words.evidence_note}` : words.evidence_none));
  for (const name of ['question', 'yes', 'no', 'pair', 'retry']) say(name, words[name]);
  say('by-word', words.by);
  say('code-word', words.code);
  show('unrecorded', !view.recorded);
  say('unrecorded', view.recorded ? '' : words.unrecorded);

  // What may be pressed
  const doubt = stage === 'idle' ? view.doubts[0] : view.doubts.find(({ id }) => id === error?.heldBy?.payment);
  const first = error?.first ?? doubt?.id;
  part('first').value = first ?? '';
  for (const name of ['cancel', 'again', 'insist', 'first', 'later', 'close', 'done', 'record']) say(name, words[name]);
  if (doubt) say('first', words.doubt);
  say('start', `${words[operation === 'debit' ? 'pay' : operation]} ${sum(amount)}`);
  show('start', stage === 'idle');
  part('start').disabled = !ready || !(amount > 0);
  show('cancel', stage === 'waiting');
  part('cancel').disabled = status.state !== 'ready' || !!payment?.cancel_requested;
  const retriable = ['declined', 'not_sent', 'refused'].includes(stage) && !error?.first && view.sale;
  show('again', retriable);
  part('again').disabled = !ready;
  show('insist', error?.first && view.sale);
  part('insist').disabled = !ready;
  show('first', first);
  part('first').disabled = away;
  for (const name of ['yes', 'no']) part(name).disabled = away;
  show('later', stage === 'unknown');
  show('record', !view.recorded);
  const over = ['approved', 'settled', 'contradicted'].includes(stage);
  show('done', over);
  show('close', !over && !open && stage !== 'unknown');
}

/** @param {View} view @param {Record<string, string>} words */
function titleOf({ stage, payment, error, status }, words) {
  if (stage === 'refused') return words[error?.code ?? ''] && ['terminal_busy', 'possible_double_charge'].includes(error?.code ?? '') ? words[error?.code ?? ''] : words.refused;
  if (stage === 'idle') return status.state === 'ready' ? words.idle : words.away;
  if (stage === 'waiting' && payment) return payment.cancel_requested ? words.cancelling : payment.step === 'sent' ? words.waiting : words.connecting;
  if (stage === 'settled') return words[`settled_${payment?.charged}`];
  if (stage !== 'approved' || !payment) return words[stage];
  const { operation, paid, amount } = payment;
  if (operation === 'debit' && paid !== null && paid < amount) return words.partial;
  return words[`approved_${operation}`] ?? words.approved;
}

/** @param {Payment} payment */
function seconds({ sent_at, opened_at }) {
  return Math.max(0, Math.round((Date.now() - Date.parse(sent_at ?? opened_at)) / 1_000));
}
