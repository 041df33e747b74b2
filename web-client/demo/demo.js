// The demonstration till: a small shop's page, and an example of the client's use.
//
// data-testid, for end-to-end tests:
//   connection (data-state)  connection-message  connection-remedy  retry  language  theme
//   pair-code  pair  pair-error
//   product-0 …  key-0 … key-9  key-00  key-clear  lines
//   amount  card-means  cheque  ancv  terminal  identify  identified (data-state)  partial
//   pay  refund  cancellation
//   status (data-phase: idle, waiting, closed, refused; data-step; data-outcome; data-charged; data-contradicted;
//           data-code: the refusal or the client's error; data-payment: the id)
//   title  asked  elapsed  advice  paid  report  card  authorization  resolved  ticket
//   cancel  settle-current  new-sale
//   doubts (each li: data-payment)  settle-open (in each li)
//   settle  settle-sum  settle-by  settle-note  settle-yes  settle-no  settle-later  settle-error
//   sales (each li: data-payment, data-outcome, data-charged, data-contradicted)  sales-total  hints  hint (data-amount)

import { connect } from '/client/caisse-relay.js';
import { PRODUCTS, WORDS } from './words.js';

/** @typedef {import('../caisse-relay.js').Payment} Payment */

const SALES = 'caisse-demo.sales';
const ICONS = { approved: 'yes', declined: 'no', not_sent: 'stop', unknown: 'maybe' };

const lang = localStorage.getItem('caisse-demo.lang') === 'en' ? 'en' : 'fr';
const words = WORDS[lang];
const euros = new Intl.NumberFormat(lang === 'fr' ? 'fr-FR' : 'en-GB', { style: 'currency', currency: 'EUR' });
const hours = new Intl.DateTimeFormat(lang === 'fr' ? 'fr-FR' : 'en-GB', { hour: '2-digit', minute: '2-digit' });

/** @param {string} id @returns {any} */
const $ = (id) => document.getElementById(id);
/** @param {string} name @returns {any} */
const part = (name) => document.querySelector(`[data-testid="${name}"]`);

const relay = connect({ url: `wss://${location.host}/till`, till: 'Caisse démo', lang, client: 'caisse-demo/0.1.0' });

/** The payments this page waits for. @type {Set<string>} */
const followed = new Set();
/** What the status panel shows. @type {Payment | null} */
let shown = null;
/** True from the click to the first news. */
let starting = false;
let since = 0;
let cents = 0;
/** @type {Map<string, number>} */
let basket = new Map();

// The money

/** @param {'pay' | 'refund' | 'cancellation'} method */
async function start(method) {
  if (!mayStart()) return;
  const means = method === 'pay' ? part('card-means').form.elements.means.value : 'card';
  const id = crypto.randomUUID();
  const order = { id, amount: cents, currency: 'EUR', terminal: $('terminal').value || undefined, means, receipt: true, partial: $('partial').checked };
  starting = true;
  shown = null;
  since = Date.now();
  showStart(order.amount);
  await follow(id, relay[method]({ ...order, onProgress: show }));
}

/** Waits for an outcome, and keeps it. @param {string} id @param {Promise<Payment>} outcome */
async function follow(id, outcome) {
  followed.add(id);
  try {
    const payment = await outcome;
    if (payment.charged === 'yes' && shown?.id === id) leave(payment);
    await keep(payment).catch(() => ($('advice').textContent = words.not_recorded));
  } catch (error) {
    if (starting || shown?.id === id) showError(/** @type {any} */ (error));
  }
  followed.delete(id);
  refresh();
}

/** Records first, acknowledges after: if the record fails, the relay tells it again. @param {Payment} payment */
async function keep(payment) {
  const { id, operation, outcome, charged, amount, paid, means, closed_at, receipt, resolved, contradicted } = payment;
  const sales = readSales().filter((sale) => sale.id !== id);
  sales.push({ id, operation, outcome, charged, amount, paid, means, at: closed_at, card: receipt?.card ?? null, by: resolved?.by ?? null, contradicted });
  localStorage.setItem(SALES, JSON.stringify(sales.slice(-500)));
  showSales();
  // Should the connection break here, the next welcome brings the payment back.
  if (!payment.acknowledged) await relay.acknowledge(id, payment.outcome ?? undefined).catch(() => {});
}

/** After a load or a reconnection: everything this till does not have on record. */
async function catchUp() {
  const mine = await relay.unacknowledged().catch(() => []);
  const ids = new Set([...(await relay.pending()), ...mine.map(({ id }) => id)]);
  for (const id of ids) {
    if (!followed.has(id)) follow(id, relay.resume(id, { onProgress: show }));
  }
  await showDoubts();
}

/** @returns {any[]} */
function readSales() {
  try {
    const sales = JSON.parse(localStorage.getItem(SALES) ?? '[]');
    return Array.isArray(sales) ? sales : [];
  } catch {
    return [];
  }
}

relay.on('state', showConnection);
relay.on('welcome', () => {
  showTerminals();
  catchUp();
});
relay.on('payment', (payment) => {
  // A contradiction comes back by itself: the sale may be set aside since long.
  const alarms = payment.contradicted && !payment.acknowledged && !starting && shown?.phase !== 'waiting';
  if (shown?.id === payment.id || alarms) show(payment);
  // A late answer, or what a person said, changes a sale that was already on record.
  const sale = readSales().find(({ id }) => id === payment.id);
  if (sale && payment.phase === 'closed' && (sale.charged !== payment.charged || !payment.acknowledged)) keep(payment).catch(() => {});
  if (payment.outcome === 'unknown' || payment.late) showDoubts();
});

// The status panel

/** @param {Payment} payment */
function show(payment) {
  if (shown && shown.id !== payment.id && shown.phase === 'waiting' && followed.has(shown.id)) return;
  if (shown?.id !== payment.id) since = Math.min(Date.now(), Date.parse(payment.opened_at ?? '') || Date.now());
  const news = starting || (shown?.id === payment.id && shown.phase !== payment.phase);
  starting = false;
  shown = payment;
  const { phase, outcome, charged, receipt, report, resolved } = payment;
  mark({ phase, step: payment.step ?? '', outcome: outcome ?? '', charged, code: payment.reason ?? '', payment: payment.id, contradicted: String(payment.contradicted) });
  $('title').textContent = title(payment);
  $('advice').textContent = payment.advice;
  $('asked').textContent = `${words[`op_${payment.operation}`]} · ${euros.format(payment.amount / 100)}`;
  fact('paid', payment.paid === null ? null : euros.format(payment.paid / 100));
  fact('report', report && [report.label ?? report.code, report.message].filter(Boolean).join(' · '));
  fact('card', receipt?.card);
  fact('authorization', receipt?.authorization);
  fact('resolved', resolved && `${words[`charged_${resolved.charged}`]} · ${resolved.by}`);
  $('ticket').textContent = receipt?.ticket ?? '';
  $('ticket').hidden = !receipt?.ticket;
  refresh();
  if (news) reveal();
}

/** @param {number} amount */
function showStart(amount) {
  blank();
  mark({ phase: 'waiting', step: 'connecting', outcome: '', charged: 'no', code: '', payment: '' });
  $('title').textContent = words.starting;
  $('asked').textContent = euros.format(amount / 100);
  refresh();
  reveal();
}

/** On a telephone the panel is below the sale. */
function reveal() {
  if (!matchMedia('(max-width: 46rem)').matches) return;
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  $('status').scrollIntoView({ block: 'start', behavior: calm ? 'instant' : 'smooth' });
}

/** @param {{ code: string, message: string, id?: string }} error */
function showError({ code, message, id }) {
  blank();
  shown = null;
  starting = false;
  mark({ phase: 'refused', step: '', outcome: '', charged: 'no', code: code ?? 'page', payment: id ?? '' });
  $('title').textContent = words.refused;
  $('advice').textContent = message;
}

function showIdle() {
  blank();
  shown = null;
  mark({ phase: 'idle', step: '', outcome: '', charged: '', code: '', payment: '' });
  $('title').textContent = words.idle;
  refresh();
}

function blank() {
  for (const name of ['paid', 'report', 'card', 'authorization', 'resolved']) fact(name, null);
  for (const name of ['advice', 'asked', 'elapsed', 'ticket']) $(name).textContent = '';
  $('ticket').hidden = true;
}

/** @param {Record<string, string>} state */
function mark(state) {
  Object.assign($('status').dataset, { contradicted: 'false', ...state });
  const icon = state.contradicted === 'true' ? 'maybe' : state.phase === 'refused' ? 'no' : /** @type {any} */ (ICONS)[state.outcome] ?? 'card';
  const settled = state.outcome === 'unknown' && state.charged !== 'maybe';
  $('badge').setAttribute('href', `#i-${settled ? state.charged : icon}`);
}

/** @param {string} name @param {string | null | undefined} value */
function fact(name, value) {
  part(name).textContent = value ?? '';
  part(name).parentElement.hidden = !value;
}

/** @param {Payment} payment */
function title({ phase, step, outcome, charged, operation, paid, amount, resolved, contradicted }) {
  if (phase === 'waiting') return step === 'sent' ? words.waiting : words.starting;
  if (contradicted) return words.title_contradicted;
  if (resolved) return words[`title_${charged}`];
  if (outcome === 'approved' && operation === 'debit' && paid !== null && paid < amount) return words.title_partial;
  return outcome === 'approved' ? words[`title_${operation}`] : words[`title_${outcome}`];
}

/** What may be pressed, and the words that depend on it. */
function refresh() {
  const waiting = starting || shown?.phase === 'waiting';
  const doubt = shown?.charged === 'maybe' && !waiting;
  const may = mayStart();
  for (const name of ['pay', 'refund', 'cancellation']) $(name).disabled = !may;
  $('pay-word').textContent = cents ? `${words.pay} ${euros.format(cents / 100)}` : words.pay;
  $('steps').hidden = !waiting;
  const now = shown?.step === 'sent' ? 1 : 0;
  [...$('steps').children].forEach((step, index) => {
    step.className = index < now ? 'done' : index === now ? 'now' : '';
  });
  $('cancel').hidden = !waiting || !shown;
  $('cancel').disabled = relay.state !== 'ready' || !!shown?.cancel_requested;
  $('settle-current').hidden = !doubt;
  $('new-sale').hidden = waiting || $('status').dataset.phase === 'idle';
  $('new-sale').textContent = doubt ? words.set_aside : words.new_sale;
  $('new-sale').className = doubt ? '' : 'strong';
  showElapsed();
}

/** A second payment waits until the first one is known: that is how a card is charged twice. */
function mayStart() {
  return relay.state === 'ready' && cents > 0 && !starting && shown?.phase !== 'waiting' && shown?.charged !== 'maybe';
}

function showElapsed() {
  const waiting = starting || shown?.phase === 'waiting';
  $('elapsed').textContent = waiting ? `· ${Math.max(0, Math.round((Date.now() - since) / 1000))} s` : '';
}

// The other panels

/** @param {import('../caisse-relay.js').Status} status */
function showConnection({ state, message, remedy, detail }) {
  part('connection').dataset.state = state;
  $('connection-word').textContent = words[`state_${state}`];
  $('away').hidden = state === 'ready' || state === 'connecting';
  part('connection-message').textContent = message;
  part('connection-message').title = detail;
  part('connection-remedy').textContent = remedy;
  $('pair-form').hidden = state !== 'not_paired';
  part('retry').hidden = state === 'not_paired';
  refresh();
}

/** @param {Event} event */
async function pair(event) {
  event.preventDefault();
  const note = part('pair-error');
  note.hidden = true;
  part('pair').disabled = true;
  try {
    await relay.pair(part('pair-code').value);
    part('pair-code').value = '';
  } catch (error) {
    note.textContent = /** @type {any} */ (error).message;
    note.hidden = false;
    part('pair-code').select();
  }
  part('pair').disabled = false;
}

function showTerminals() {
  const select = $('terminal');
  const chosen = select.value || localStorage.getItem('caisse-demo.terminal');
  select.replaceChildren(...relay.terminals.map(({ name, label }) => new Option(label || name, name, false, name === chosen)));
}

async function showDoubts() {
  /** @type {Payment[] | null} */
  const payments = await relay.payments({ state: 'unknown' }).catch(() => null);
  if (!payments) return;
  const doubts = payments.filter(({ resolved, charged }) => !resolved && charged === 'maybe');
  $('doubts').hidden = doubts.length === 0;
  $('doubt-list').replaceChildren(
    ...doubts.map((payment) => {
      const item = row(euros.format(payment.amount / 100), [words[`op_${payment.operation}`], label(payment.terminal), time(payment.opened_at)]);
      const button = document.createElement('button');
      button.textContent = words.settle;
      button.dataset.testid = 'settle-open';
      button.addEventListener('click', () => openSettle(payment));
      item.dataset.payment = payment.id;
      item.append(button);
      return item;
    }),
  );
}

function showSales() {
  const today = new Date().toDateString();
  const sales = readSales().filter(({ at }) => new Date(at).toDateString() === today);
  const sign = (/** @type {any} */ { operation }) => (operation === 'debit' ? 1 : -1);
  const moved = (/** @type {any} */ sale) => (sale.charged === 'yes' ? sign(sale) * (sale.paid ?? sale.amount) : 0);
  $('sales').replaceChildren(
    ...sales.reverse().map((sale) => {
      const item = row(saleTitle(sale), [time(sale.at), sale.means === 'card' ? sale.card : words[sale.means], sale.by]);
      const sum = document.createElement('b');
      sum.textContent = euros.format((sign(sale) * (sale.paid ?? sale.amount)) / 100);
      item.append(sum);
      Object.assign(item.dataset, { payment: sale.id, outcome: sale.outcome, charged: sale.charged, contradicted: String(!!sale.contradicted) });
      return item;
    }),
  );
  $('sales-total').textContent = euros.format(sales.reduce((total, sale) => total + moved(sale), 0) / 100);
  $('no-sales').hidden = sales.length > 0;
}

/** @param {any} sale */
function saleTitle({ outcome, charged, operation, contradicted }) {
  if (contradicted) return words.title_contradicted;
  if (outcome === 'approved') return words[`op_${operation}`];
  return words[outcome === 'unknown' && charged !== 'maybe' ? `title_${charged}` : `sale_${outcome}`];
}

/** @param {string} text @param {(string | null)[]} details */
function row(text, details) {
  const item = document.createElement('li');
  const words = document.createElement('span');
  const small = document.createElement('small');
  small.textContent = details.filter(Boolean).join(' · ');
  words.append(text, small);
  item.append(words);
  return item;
}

/** @param {string} terminal its name for people */
function label(terminal) {
  return relay.terminals.find(({ name }) => name === terminal)?.label || terminal;
}

/** @param {string | null} at */
function time(at) {
  return at ? hours.format(new Date(at)) : '';
}

/** The amounts a simulated terminal understands; absent beside a real one. */
async function showHints() {
  const hints = await fetch('/demo/amounts.json').then((answer) => (answer.ok ? answer.json() : [])).catch(() => []);
  if (!Array.isArray(hints) || hints.length === 0) return;
  $('hints').hidden = false;
  $('hint-list').replaceChildren(
    ...hints.map((hint) => {
      const item = document.createElement('li');
      const button = document.createElement('button');
      button.textContent = euros.format(hint.amount / 100);
      Object.assign(button.dataset, { testid: 'hint', amount: hint.amount });
      button.addEventListener('click', () => {
        basket.clear();
        setCents(hint.amount);
      });
      item.append(button, hint[`label_${lang}`]);
      return item;
    }),
  );
}

// Settling a doubt: a person reads the terminal's ticket

/** @param {Payment} payment */
function openSettle(payment) {
  $('settle').dataset.payment = payment.id;
  $('settle-sum').textContent = `${words[`op_${payment.operation}`]} · ${euros.format(payment.amount / 100)} · ${label(payment.terminal)} · ${time(payment.opened_at)}`;
  $('settle-by').value = localStorage.getItem('caisse-demo.cashier') ?? '';
  $('settle-note').value = '';
  $('settle-error').hidden = true;
  $('settle').showModal();
}

/** Only a click on one of the two answers counts: Enter must not choose. @param {any} event */
async function answerSettle({ currentTarget }) {
  if (!$('settle-form').reportValidity()) return;
  const by = $('settle-by').value.trim();
  localStorage.setItem('caisse-demo.cashier', by);
  try {
    const note = $('settle-note').value.trim() || undefined;
    const payment = await relay.resolve($('settle').dataset.payment, { charged: currentTarget.value, by, note });
    $('settle').close();
    if (payment.charged === 'yes' && shown?.id === payment.id) leave(payment);
  } catch (error) {
    $('settle-error').textContent = /** @type {any} */ (error).message;
    $('settle-error').hidden = false;
  }
  showDoubts();
}

$('settle-form').addEventListener('submit', (/** @type {Event} */ event) => event.preventDefault());
for (const answer of $('settle-choice').children) answer.addEventListener('click', answerSettle);
$('settle-later').addEventListener('click', () => $('settle').close());
$('settle-current').addEventListener('click', () => shown && openSettle(shown));

// The sale

/** @param {number} value */
function setCents(value) {
  cents = Math.min(value, 99_999_999);
  $('amount').value = (cents / 100).toFixed(2).replace('.', lang === 'fr' ? ',' : '.');
  $('amount').removeAttribute('aria-invalid');
  showBasket();
  refresh();
}

/** @param {string} text @returns {number} cents, or NaN */
function parseAmount(text) {
  const [, whole, part = ''] = /^(\d{0,6})(?:[.,](\d{0,2}))?$/.exec(text.replace(/[\s\u00a0\u202f€]/g, '')) ?? [];
  return whole === undefined ? NaN : Number(whole) * 100 + Number(part.padEnd(2, '0'));
}

function showBasket() {
  $('lines').replaceChildren(
    ...[...basket].map(([name, count]) => {
      const item = document.createElement('li');
      item.textContent = count > 1 ? `${count} × ${name}` : name;
      return item;
    }),
  );
}

/** Leaves in the till what a partial payment did not pay. @param {Payment} payment */
function leave({ operation, amount, paid }) {
  basket.clear();
  setCents(operation === 'debit' ? Math.max(0, amount - (paid ?? amount)) : 0);
}

function clearBasket() {
  basket.clear();
  setCents(0);
}

PRODUCTS.forEach((product, index) => {
  const button = document.createElement('button');
  const price = document.createElement('small');
  const name = product[lang];
  price.textContent = euros.format(product.price / 100);
  button.append(name, price);
  button.type = 'button';
  button.className = product.kind;
  button.dataset.testid = `product-${index}`;
  button.addEventListener('click', () => {
    const before = basket.size ? cents : 0;
    basket.set(name, (basket.get(name) ?? 0) + 1);
    setCents(before + product.price);
  });
  $('products').append(button);
});

for (const key of ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'C', '0', '00']) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = key;
  button.dataset.testid = key === 'C' ? 'key-clear' : `key-${key}`;
  if (key === 'C') button.setAttribute('aria-label', words.clear);
  button.addEventListener('click', () => {
    const before = basket.size ? 0 : cents;
    basket.clear();
    setCents(key === 'C' ? 0 : before * 10 ** key.length + Number(key));
  });
  $('keypad').append(button);
}

$('amount').addEventListener('input', () => {
  const value = parseAmount($('amount').value);
  basket.clear();
  showBasket();
  cents = Number.isNaN(value) ? 0 : value;
  $('amount').setAttribute('aria-invalid', String(Number.isNaN(value)));
  refresh();
});
$('amount').addEventListener('focus', () => $('amount').select());
$('amount').addEventListener('change', () => setCents(cents));
$('order').addEventListener('submit', (/** @type {Event} */ event) => {
  event.preventDefault();
  start('pay');
});
$('refund').addEventListener('click', () => start('refund'));
$('cancellation').addEventListener('click', () => start('cancellation'));
$('cancel').addEventListener('click', () => {
  if (shown) relay.cancel(shown.id).then(show, (error) => ($('advice').textContent = error.message));
});
$('new-sale').addEventListener('click', () => {
  if (shown?.charged === 'maybe') clearBasket();
  showIdle();
  $('amount').focus();
});
$('terminal').addEventListener('change', () => localStorage.setItem('caisse-demo.terminal', $('terminal').value));
part('retry').addEventListener('click', () => relay.retry());
$('pair-form').addEventListener('submit', pair);
part('identify').addEventListener('click', async () => {
  const note = $('identified');
  note.hidden = false;
  note.textContent = '…';
  try {
    const terminal = await relay.identify($('terminal').value || undefined);
    note.dataset.state = terminal.state;
    note.textContent = terminal.message;
  } catch (error) {
    note.dataset.state = 'refused';
    note.textContent = /** @type {any} */ (error).message;
  }
});

// Words and colours

function applyTheme() {
  const theme = localStorage.getItem('caisse-demo.theme') ?? '';
  document.documentElement.dataset.theme = theme;
  part('theme').setAttribute('aria-label', words[`theme_${theme || 'auto'}`]);
  part('theme').title = words[`theme_${theme || 'auto'}`];
}

part('theme').addEventListener('click', () => {
  const themes = ['', 'light', 'dark'];
  const next = themes[(themes.indexOf(document.documentElement.dataset.theme ?? '') + 1) % 3];
  localStorage.setItem('caisse-demo.theme', next);
  applyTheme();
});
// The relay speaks the language of `hello`. A payment under way survives the reload.
part('language').addEventListener('click', () => {
  localStorage.setItem('caisse-demo.lang', lang === 'fr' ? 'en' : 'fr');
  location.reload();
});

document.documentElement.lang = lang;
document.title = words.document;
part('language').textContent = lang === 'fr' ? 'English' : 'Français';
$('till').setAttribute('aria-label', words.till);
for (const element of document.querySelectorAll('[data-t]')) {
  element.textContent = words[/** @type {HTMLElement} */ (element).dataset.t ?? ''];
}
applyTheme();
setCents(0);
showIdle();
showSales();
showConnection(relay.status);
showHints();
setInterval(showElapsed, 1000);
