// The relay's own page, for the person who looks after it. It speaks the till's
// protocol with the relay's key, and shows what the relay says the moment it says it.
//
// data-testid, for end-to-end tests:
//   closed  door-why  door-relay     without a key
//   connection (data-state: starting, ready, away)  language  said
//   verdict (data-tone: ok, warn, bad)  verdict-title  issues  todo
//   settle  settle-by  settle-note  settle-yes  settle-no  settle-later  settle-error  evidence
//   request  allow  refuse  forget  contradiction  corrected  pages (li: data-origin, data-state)
//   terminals (article: data-terminal, data-state)  terminal-state  test  identified (data-state)
//   trial  trial-pay  trial-refund  trial-cancel  trial-said  trial-close  release  release-by  release-do
//   payments (details: data-payment, data-outcome, data-charged)  day  day-before  day-after  more
//   totals  print  csv  json  certificate  distrust  relay  events
//   pair  pair-name  pair-terminal-…  pair-debit …  pair-open  pair-code  pair-left  pair-close  pair-end
//   tills (li: data-till)  revoke  revoke-do

import { drawChecks } from './checks.js';
import { drawTotals, save } from './day.js';
import { $, announce } from './dom.js';
import { drawPages, drawTills } from './doors.js';
import { drawCertificate, drawEvents, drawRelay, drawVerdict } from './house.js';
import { offer, tick } from './pairing.js';
import { drawPayments, drawTodo } from './payments.js';
import { connect } from './relay.js';
import { drawTerminals } from './terminals.js';
import { lang, say } from './words.js';

/** @typedef {typeof shop} Shop */

// For as long as this tab lives, and in this tab only: a reload keeps it, closing
// the tab forgets it, and it is written to no file as localStorage is.
const KEY = 'caisse-relay.key';
/** As many payments as one answer of the relay may hold. */
const PAGE = 1000;

const shop = {
  /** @type {import('./relay.js').Relay} */
  relay: /** @type {any} */ (null),
  connected: false,
  /** Whether the first connection has come or failed. */
  known: false,
  /** The relay's sentence once it stops. */
  stopping: '',
  /** The last overview. @type {any} */
  overview: null,
  /** How many overviews were heard. */
  seen: 0,
  /** Of the day, and those in doubt of every day. @type {Map<string, any>} */
  payments: new Map(),
  /** Who follows one payment. @type {Map<string, (payment: any) => void>} */
  followers: new Map(),
  /** @type {any[]} */
  totals: [],
  /** @type {any[]} */
  events: [],
  /** What each terminal said when it was tested. @type {Map<string, { state: string, tone: string, words: string }>} */
  tests: new Map(),
  /** Midnight of the day that is shown, in the shop's own time. */
  day: midnight(new Date()),
  /** What the doctor found, once it was asked. @type {{ code: string, state: string, message: string, remedy: string | null }[] | null} */
  checks: null,
  checking: false,
  /** As many payments as are shown; 0 for the usual. */
  shown: 0,

  bounds() {
    const to = new Date(this.day);
    to.setDate(to.getDate() + 1);
    return { from: this.day, to };
  },
  isToday() {
    return this.day.getTime() === midnight(new Date()).getTime();
  },
  dayCode() {
    const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
    return `${this.day.getFullYear()}-${two(this.day.getMonth() + 1)}-${two(this.day.getDate())}`;
  },
  /** @param {string} terminal */
  label(terminal) {
    return this.overview?.terminals.find((/** @type {any} */ { name }) => name === terminal)?.label ?? terminal;
  },
  /** Does something that only changes what is shown. @param {any} message */
  async does(message) {
    try {
      await this.relay.ask(message);
    } catch (refused) {
      announce(/** @type {Error} */ (refused).message);
      alertly(/** @type {Error} */ (refused).message);
    }
  },
  /** Tells of one payment until it is called back. @param {string} id @param {(payment: any) => void} hear */
  follow(id, hear) {
    this.followers.set(id, hear);
    return () => this.followers.delete(id);
  },
  /** @param {any} payment */
  acknowledge({ id, outcome }) {
    this.relay.about({ type: 'acknowledge', id, outcome }).catch(() => {});
  },
  draw() {
    drawVerdict(shop);
    drawTodo(shop);
    drawTerminals(shop);
    drawPayments(shop);
    drawTotals(shop);
    drawPages(shop);
    drawTills(shop);
    drawCertificate(shop);
    drawRelay(shop);
    drawEvents(shop);
    drawChecks(shop);
  },
};

// Drawn once for many changes; a timer, since a hidden tab draws no frames.
const drawSoon = once(() => shop.draw(), 40);
const countSoon = once(() => Promise.all([readTotals(), readEvents()]), 250);

/** @param {any} message */
function hear(message) {
  switch (message.type) {
    case 'welcome':
      // What this page has tried is on record with the relay, which is all the record it needs.
      for (const payment of message.unacknowledged) if (payment.phase === 'closed' && payment.outcome !== 'unknown') setTimeout(() => shop.acknowledge(payment));
      return;
    case 'overview':
      shop.overview = message;
      shop.seen += 1;
      tick(shop);
      countSoon();
      break;
    case 'payment':
      shop.payments.set(message.id, message);
      shop.followers.get(message.id)?.(message);
      countSoon();
      break;
    case 'stopping':
      shop.stopping = message.message;
      break;
    case 'doctor':
      shop.checks = message.checks;
      break;
    default:
      return;
  }
  drawSoon();
}

/** Everything anew, after a connection or for another day. */
async function read() {
  try {
    shop.overview = await shop.relay.ask({ type: 'overview' });
    await Promise.all([readPayments(), readTotals(), readEvents()]);
    Object.assign(shop, { connected: true, known: true });
  } catch {
    // The connection broke: it is read again with the next one.
  }
  drawSoon();
}

async function readPayments() {
  const { from, to } = shop.bounds();
  const day = { from: from.toISOString(), to: to.toISOString() };
  const found = new Map();
  const keep = (/** @type {any} */ payment) => found.set(payment.id, payment);
  for (let since = 0, full = true; full; ) {
    const { payments } = await shop.relay.ask({ type: 'payments', ...day, since, limit: PAGE, watch: true });
    payments.forEach(keep);
    full = payments.length === PAGE;
    since = payments.at(-1)?.seq ?? 0;
  }
  const doubts = await shop.relay.ask({ type: 'payments', state: 'unknown', limit: PAGE });
  doubts.payments.forEach(keep);
  // What was pushed while this was read is newer, and is pushed again only when it changes.
  for (const [id, payment] of shop.payments) if (pushed.has(id)) found.set(id, payment);
  shop.payments = found;
}

/** The payments that were told since the last reading began. @type {Set<string>} */
const pushed = new Set();

async function readTotals() {
  const { from, to } = shop.bounds();
  const day = shop.day;
  const { totals } = await shop.relay.ask({ type: 'totals', from: from.toISOString(), to: to.toISOString() });
  if (day === shop.day) shop.totals = totals;
  drawSoon();
}

async function readEvents() {
  shop.events = (await shop.relay.ask({ type: 'events', limit: 50 })).events;
  drawSoon();
}

/** @param {Date} day */
function choose(day) {
  shop.day = midnight(day);
  shop.shown = 0;
  shop.totals = [];
  $('day').value = shop.dayCode();
  $('day-after').disabled = shop.isToday();
  pushed.clear();
  drawSoon();
  if (shop.connected) read();
}

/** @param {number} days */
function step(days) {
  const day = new Date(shop.day);
  day.setDate(day.getDate() + days);
  choose(day);
}

/** @param {Date} at */
function midnight(at) {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate());
}

/** Once, a little later, however often it is asked for. @param {() => any} act @param {number} after */
function once(act, after) {
  /** @type {any} */
  let timer = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      Promise.resolve(act()).catch(() => {});
    }, after);
  };
}

/** @param {string} words */
function alertly(words) {
  const dialog = $('dialog');
  const line = dialog.open && dialog.querySelector('.error');
  if (line) Object.assign(line, { textContent: words, hidden: false });
}

/** @param {'ready' | 'away' | 'refused'} state @param {string} [why] */
function connection(state, why) {
  // Connected for people once everything is read: nothing is well before that.
  if (state !== 'ready') Object.assign(shop, { connected: false, known: true });
  if (state === 'refused') {
    sessionStorage.removeItem(KEY);
    return closed(why);
  }
  $('connection').dataset.state = state;
  $('connection-word').textContent = say(`state_${state}`);
  if (state === 'ready') {
    shop.stopping = '';
    pushed.clear();
    // After `welcome` has been taken.
    setTimeout(read);
  }
  drawSoon();
}

/** The ticket that the link brought, good once; the address forgets it. */
function takeTicket() {
  const brought = new URLSearchParams(location.hash.slice(1)).get('ticket');
  if (brought) history.replaceState(null, '', location.pathname);
  return brought;
}

/** Nothing to see without a key but whether the relay runs. @param {string} [why] */
function closed(why) {
  $('open').hidden = true;
  $('closed').hidden = false;
  $('door-title').textContent = say('door_title');
  $('door-why').textContent = why ?? '';
  $('door-why').hidden = !why;
  $('connection').hidden = true;
  const look = async () => {
    const runs = await fetch('/status/icon.svg', { cache: 'no-store' }).then(({ ok }) => ok, () => false);
    const words = say(runs ? 'door_running' : 'door_stopped');
    if ($('door-relay').textContent !== words) announce(words);
    $('door-relay').textContent = words;
    $('door-relay').dataset.state = runs ? 'running' : 'stopped';
    setTimeout(look, 3000);
  };
  look();
}

document.documentElement.lang = lang;
for (const element of document.querySelectorAll('[data-t]')) element.textContent = say(/** @type {HTMLElement} */ (element).dataset.t ?? '');
$('language').textContent = say('language');
$('language').lang = lang === 'fr' ? 'en' : 'fr';
$('language').addEventListener('click', () => {
  localStorage.setItem('caisse-relay.lang', lang === 'fr' ? 'en' : 'fr');
  location.reload();
});
// The same tab is opened again with another link.
addEventListener('hashchange', () => location.hash.includes('ticket=') && location.reload());

const ticket = takeTicket();
const key = sessionStorage.getItem(KEY);
if (ticket || key) {
  $('open').hidden = false;
  $('connection').dataset.state = 'starting';
  $('connection-word').textContent = say('state_starting');
  for (const [id, name] of [['day-before', 'day_before'], ['day-after', 'day_after'], ['day', 'day']]) $(id).setAttribute('aria-label', say(name));
  $('days').setAttribute('aria-label', say('day'));
  $('day-before').addEventListener('click', () => step(-1));
  $('day-after').addEventListener('click', () => step(1));
  $('day').addEventListener('change', () => $('day').valueAsDate && choose(new Date(`${$('day').value}T00:00:00`)));
  $('pair').addEventListener('click', () => offer(shop));
  $('print').addEventListener('click', () => print());
  $('csv').addEventListener('click', () => save(shop, 'csv'));
  $('json').addEventListener('click', () => save(shop, 'json'));
  choose(new Date());
  shop.relay = connect({
    key,
    ticket,
    keep: (brought) => sessionStorage.setItem(KEY, brought),
    lang,
    unsent: say('unsent'),
    lost: say('lost'),
    state: connection,
    hear: (message) => {
      if (message.type === 'payment') pushed.add(message.id);
      hear(message);
    },
  });
  let today = midnight(new Date()).getTime();
  setInterval(() => {
    tick(shop);
    const now = midnight(new Date());
    // Who looks at today goes on to: the day has ended meanwhile.
    if (now.getTime() !== today && shop.day.getTime() === today) choose(now);
    today = now.getTime();
  }, 1000);
} else {
  closed();
}
