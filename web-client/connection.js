// One socket to the relay, kept alive: opening, heartbeat, losing, coming back,
// and a name for each way the browser or the relay says no.
// It knows no payment, and it never holds a message back to send it later.

const PROTOCOL = 'caisse-relay.v1';
/** Longer than a relay takes that nobody is asked about. */
const GLANCE = 800;
/** From the constructor to `welcome`: an old till is slow, a hung relay is for ever. */
const OPENING = 8_000;
/** Chromium keeps the socket CONNECTING while its local network question is on screen. */
const PROMPT = 120_000;
const SILENCE = 30_000;
/** Few attempts: each failure makes Firefox hold the next one back longer. */
const PAUSES = [300, 1_000, 3_000, 5_000, 10_000];
/** From then on; and while a person may be allowing this page. */
const PATIENT = 15_000;
/** A question that was closed without an answer comes back; the third time the browser takes it for a no. */
const DISMISSED = 60_000;
/** A host, or an address that starts with one. */
const LOOPBACK = /^(wss?:\/\/)?(localhost|127(\.\d+){3}|\[::1\])([:/]|$)/i;
const OPEN = 1;
/** While the first answer is still to come. */
export const OPENING_STATES = ['connecting', 'ask_pending'];

/** @typedef {import('./caisse-relay.js').State} State */

/** Close codes that a person has to do something about. @type {Record<number, State>} */
const REFUSED = { 4401: 'not_paired', 4403: 'not_allowed', 4406: 'old_relay' };

/**
 * @typedef {object} Setup
 * @property {string[]} urls
 * @property {typeof WebSocket} WebSocket
 * @property {object} hello
 * @property {import('./store.js').Tokens} tokens
 * @property {(message: any) => void} onMessage every well-formed message, `welcome` and `ping` included
 * @property {() => void} onState
 */

export class Connection {
  /** @type {State} */
  state = 'connecting';
  /** What the relay or the browser said, for support. */
  detail = '';
  /** What to do, where the state alone does not tell. @type {'' | 'dismissed' | 'frame' | 'insecure'} */
  case = '';
  /** The relay's last one. @type {import('./caisse-relay.js').Welcome | null} */
  welcome = null;
  #setup;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** True while the timer leads to another attempt. */
  #again = false;
  /** Counts sockets taken and let go: what was asked about an old one is void. */
  #step = 0;
  #heard = 0;
  #failures = 0;
  #turn = 0;
  /** Sent first instead of `hello`. @type {object | null} */
  #pair = null;
  /** Until the next news, which is then told even if the state stays. */
  #pairing = false;
  /** Of the last `hello`. @type {string | undefined} */
  #token;
  /** Kept, or its events are lost. @type {PermissionStatus | undefined} */
  #permission;
  /** True once a socket opened or failed at once while the permission said `prompt`: this browser does not ask. */
  #unasked = false;
  #listening = new AbortController();

  /** @param {Setup} setup */
  constructor(setup) {
    this.#setup = setup;
    const { signal } = this.#listening;
    // A page in the back-forward cache keeps its socket and loses its messages.
    globalThis.addEventListener?.('pagehide', () => this.#rest('hidden'), { signal });
    globalThis.addEventListener?.('pageshow', (event) => event.persisted && this.retry(), { signal });
    globalThis.document?.addEventListener('visibilitychange', () => this.#wake(), { signal });
  }

  /** The address that is tried, or was last. */
  get url() {
    const { urls } = this.#setup;
    return urls[this.#turn % urls.length];
  }

  /** The address that people are told. */
  get home() {
    return this.#setup.urls[0];
  }

  get ready() {
    return this.state === 'ready' && this.#socket?.readyState === OPEN;
  }

  /** `loopback-network` or `local-network`: the browser's permission for this address. */
  get permission() {
    return `${LOOPBACK.test(this.url) ? 'loopback' : 'local'}-network`;
  }

  /** Sends now or not at all. @param {string} text @returns {boolean} whether it was handed to the socket */
  send(text) {
    if (!this.ready) return false;
    this.#socket?.send(text);
    return true;
  }

  /** A person or an event says that it is worth a new try. */
  retry() {
    this.#failures = 0;
    this.#rest('connecting');
    this.open();
  }

  /** Connects anew, with this as the first message. @param {object} message */
  pair(message) {
    if (this.state !== 'not_paired') this.#rest('connecting');
    this.open(message);
  }

  /** Connects now. People go on reading why the last attempt failed. @param {object | null} [pair] */
  open(pair = null) {
    if (this.state === 'closed') return;
    // Firefox: while one socket waits, another port waits too. So close it first.
    this.#release();
    this.#pair = pair;
    this.#pairing = !!pair;
    const { WebSocket } = this.#setup;
    /** @type {WebSocket} */
    let socket;
    try {
      socket = new WebSocket(this.url, [PROTOCOL]);
    } catch (error) {
      return this.#later('blocked', String(error));
    }
    this.#socket = socket;
    /** @template E @param {(event: E) => void} act @returns {(event: E) => void} */
    const mine = (act) => (event) => {
      if (socket === this.#socket) act(event);
    };
    socket.onopen = mine(() => this.#greet(socket));
    socket.onmessage = mine((event) => this.#hear(event.data));
    socket.onclose = mine((event) => this.#closed(event.code, event.reason));
    // A blocked address gives `error` and no `close`; otherwise the `close` that follows knows more.
    socket.onerror = mine(() => setTimeout(mine(() => this.#later('blocked')), 200));
    this.#expect(Date.now());
  }

  /** For good: only a new `connect` opens again. */
  close() {
    this.#listening.abort();
    this.#rest('closed');
  }

  /** @param {WebSocket} socket */
  async #greet(socket) {
    const { hello, tokens } = this.#setup;
    this.#expect(Date.now());
    this.#token = this.#pair ? undefined : await tokens.of(this.url);
    if (socket !== this.#socket) return;
    socket.send(JSON.stringify(this.#pair ?? { ...hello, token: this.#token }));
    this.#pair = null;
    if ((await this.#asks()) === 'prompt') this.#unasked = true;
  }

  /** @param {unknown} data */
  async #hear(data) {
    const socket = this.#socket;
    this.#heard = Date.now();
    if (this.state === 'ready') this.#listen();
    const message = parse(data);
    const { type, to, code } = message;
    if (type === 'ping') socket?.send(JSON.stringify({ type: 'pong', n: message.n }));
    if (type === 'paired') {
      await this.#setup.tokens.keep(this.url, message.token);
      if (socket && socket === this.#socket) this.#greet(socket);
      return;
    }
    if (type === 'welcome') {
      this.#failures = 0;
      this.welcome = message;
      this.#listen();
      this.#enter('ready');
    }
    if (type === 'refused' && to === 'hello' && code === 'bad_message') {
      return this.#rest('old_relay', String(message.message ?? ''));
    }
    this.#setup.onMessage(message);
    if (type === 'refused' && to === 'pair') this.#rest('not_paired');
  }

  #listen() {
    this.#after(SILENCE, () => this.#later('lost'));
  }

  /** Hidden tabs get their timers once a minute: catch up when the page is seen again. */
  #wake() {
    if (document.visibilityState !== 'visible') return;
    if (this.state === 'ready' && Date.now() - this.#heard >= SILENCE) this.#later('lost');
    else if (this.#again) this.open();
  }

  /** Watches an opening socket. @param {number} since */
  #expect(since) {
    const socket = this.#socket;
    this.#after(GLANCE, async () => {
      const asked = socket?.readyState === 0 && !this.#unasked && (await this.#asks()) === 'prompt';
      if (socket !== this.#socket || this.state === 'ready') return;
      const answered = this.state === 'ask_pending' && !asked;
      if (asked) this.#enter('ask_pending');
      if (answered) this.#enter('connecting');
      if (!answered && Date.now() - since >= (asked ? PROMPT : OPENING)) return this.#unreached('absent', '', false);
      this.#expect(answered ? Date.now() : since);
    });
  }

  /** @param {number} code @param {string} detail */
  #closed(code, detail) {
    const refused = REFUSED[code];
    if (refused === 'not_allowed') this.#later(refused, detail, PATIENT);
    else if (refused) {
      if (code === 4401) this.#setup.tokens.drop(this.url, this.#token);
      this.#rest(refused, detail);
    } else if (this.state === 'ready') this.#later('lost', detail);
    else this.#unreached(code === 1015 ? 'untrusted' : 'absent', detail, this.state === 'ask_pending');
  }

  /**
   * 1006 alone cannot tell a denied permission from a relay that is down.
   * @param {State} state @param {string} detail @param {boolean} asked whether the browser was asking
   */
  async #unreached(state, detail, asked) {
    this.#release();
    const step = this.#step;
    const answer = await this.#asks();
    if (step !== this.#step) return;
    // No further attempt: the permission says when it changes.
    if (answer === 'denied') return this.#enter('denied', detail, this.#why());
    // Firefox says `prompt` of sockets that it never asks about.
    if (asked && answer === 'prompt' && !/Firefox/.test(navigator.userAgent)) {
      return this.#later('denied', detail, DISMISSED, 'dismissed');
    }
    if (answer === 'prompt' && !asked) this.#unasked = true;
    this.#later(state, detail);
  }

  /** Lets the socket go, says why, and tries again after a pause. @param {State} state @param {string} [detail] @param {number} [pause] @param {typeof this.case} [which] */
  #later(state, detail, pause, which) {
    this.#rest(state, detail, which);
    if (!pause && state !== 'lost') this.#turn += 1;
    this.#after(pause ?? PAUSES[this.#failures++] ?? PATIENT, () => this.open());
    this.#again = true;
  }

  /** Lets the socket go, and stays so. @param {State} state @param {string} [detail] @param {typeof this.case} [which] */
  #rest(state, detail, which) {
    this.#release();
    this.#enter(state, detail, which);
  }

  #release() {
    clearTimeout(this.#timer);
    this.#again = false;
    this.#step += 1;
    const socket = this.#socket;
    this.#socket = null;
    try {
      socket?.close(1000);
    } catch {
      // It was never open.
    }
  }

  /** @param {State} state @param {typeof this.case} [which] */
  #enter(state, detail = '', which = '') {
    if (this.state === 'closed' || (state === this.state && which === this.case && !this.#pairing)) return;
    Object.assign(this, { state, detail, case: which });
    this.#pairing &&= OPENING_STATES.includes(state);
    this.#setup.onState();
  }

  /** One timer, for what the state waits for. @param {number} ms @param {() => void} act */
  #after(ms, act) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
  }

  /** What the browser's local network permission says, where there is one. */
  async #asks() {
    // A page of this machine is never asked, though the query says `prompt`.
    if (LOOPBACK.test(globalThis.location?.hostname)) return '';
    try {
      const status = await navigator.permissions.query({ name: /** @type {PermissionName} */ (this.permission) });
      if (this.#permission) this.#permission.onchange = null;
      this.#permission = status;
      status.onchange = () => {
        this.#unasked = false;
        // A socket that waits for the answer has it now.
        if (!this.#socket && (this.#again || this.state === 'denied')) this.retry();
      };
      return status.state;
    } catch {
      return '';
    }
  }

  /** What was denied: the frame by its page, plain http by the browser, or the site by a person. */
  #why() {
    if (globalThis.isSecureContext === false) return 'insecure';
    const policy = /** @type {any} */ (globalThis.document)?.featurePolicy;
    return globalThis.top !== globalThis.self && !policy?.allowsFeature(this.permission) ? 'frame' : '';
  }
}

/** @param {unknown} data @returns {any} an object: an empty one for what is no message */
function parse(data) {
  try {
    return Object(JSON.parse(String(data)));
  } catch {
    return {};
  }
}
