// One socket to the relay, kept alive: opening, heartbeat, losing, coming back.
// It knows no payment, and it never holds a message back to send it later.

const PROTOCOL = 'caisse-relay.v1';
const GLANCE = 1_500;
/** From the constructor to `welcome`: an old till is slow, a hung relay is for ever. */
const OPENING = 8_000;
/** Chromium keeps the socket CONNECTING while its local network question is on screen. */
const PROMPT = 120_000;
const SILENCE = 30_000;
/** Few attempts: each failure makes Firefox hold the next one back longer. */
const PAUSES = [300, 1_000, 3_000, 5_000, 10_000, 15_000];
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const OPEN = 1;

/** @typedef {import('./caisse-relay.js').State} State */
/** @typedef {import('./caisse-relay.js').StateReason} StateReason */

/** @type {Record<number, StateReason>} */
const FINAL = { 4403: 'origin_not_allowed', 4406: 'other_protocol' };

/**
 * @typedef {object} Setup
 * @property {string[]} urls
 * @property {typeof WebSocket} WebSocket
 * @property {object} hello
 * @property {(message: any) => void} onMessage every well-formed message, `welcome` and `ping` included
 * @property {(state: State, reason: StateReason, detail: string) => void} onState
 */

export class Connection {
  /** @type {State} */
  state = 'disconnected';
  /** @type {StateReason} */
  reason = 'starting';
  /** The relay's last one. @type {import('./caisse-relay.js').Welcome | null} */
  welcome = null;
  #setup;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #heard = 0;
  #failures = 0;
  #turn = 0;
  /** @type {PermissionStatus | undefined} */
  #denied;
  #listening = new AbortController();

  /** @param {Setup} setup */
  constructor(setup) {
    this.#setup = setup;
    const { signal } = this.#listening;
    // A page in the back-forward cache keeps its socket and loses its messages.
    globalThis.addEventListener?.('pagehide', () => this.#rest('disconnected', 'hidden'), { signal });
    globalThis.addEventListener?.('pageshow', (event) => event.persisted && this.#wake(), { signal });
    globalThis.document?.addEventListener('visibilitychange', () => this.#wake(), { signal });
  }

  get ready() {
    return this.state === 'ready' && this.#socket?.readyState === OPEN;
  }

  /** Sends now or not at all. @param {string} text @returns {boolean} whether it was handed to the socket */
  send(text) {
    if (!this.ready) return false;
    this.#socket?.send(text);
    return true;
  }

  /** Connects now, whatever was going on. */
  open() {
    if (this.state === 'closed') return;
    // Firefox: while one socket waits, another port waits too. So close it first.
    // A new try keeps the reason of the last failure: that is still what people must read.
    this.#rest('connecting', this.#failures ? this.reason : 'starting');
    const { urls, WebSocket, hello } = this.#setup;
    const url = urls[this.#turn % urls.length];
    /** @type {WebSocket} */
    let socket;
    try {
      socket = new WebSocket(url, [PROTOCOL]);
    } catch (error) {
      this.#failed('blocked', String(error));
      return;
    }
    this.#socket = socket;
    /** @template E @param {(event: E) => void} act @returns {(event: E) => void} */
    const mine = (act) => (event) => {
      if (socket === this.#socket) act(event);
    };
    socket.onopen = mine(() => {
      this.#expect(Date.now(), url);
      socket.send(JSON.stringify(hello));
    });
    socket.onmessage = mine((event) => this.#hear(event.data));
    socket.onclose = mine((event) => this.#lost(event.code, event.reason));
    // A blocked address gives `error` and no `close`; otherwise the `close` that follows knows more.
    socket.onerror = mine(() => setTimeout(mine(() => this.#failed('blocked')), 200));
    this.#expect(Date.now(), url);
  }

  /** For good: only a new `connect` opens again. */
  close() {
    this.#listening.abort();
    this.#rest('closed', 'closed');
  }

  /** @param {unknown} data */
  #hear(data) {
    this.#heard = Date.now();
    if (this.state === 'ready') this.#listen();
    const message = parse(data);
    if (!message) return;
    if (message.type === 'ping') this.#socket?.send(JSON.stringify({ type: 'pong', n: message.n }));
    if (message.type === 'welcome') {
      this.#failures = 0;
      this.welcome = message;
      this.#listen();
      this.#enter('ready', 'ready');
    }
    if (message.type === 'refused' && message.to === 'hello' && message.code === 'bad_message') {
      return this.#rest('refused', 'other_protocol', String(message.message ?? ''));
    }
    this.#setup.onMessage(message);
  }

  #listen() {
    this.#after(SILENCE, () => this.#failed('lost'));
  }

  /** Hidden tabs get their timers once a minute: catch up when the page is seen again. */
  #wake() {
    if (document.visibilityState !== 'visible') return;
    if (this.state === 'ready' && Date.now() - this.#heard >= SILENCE) this.#failed('lost');
    else if (this.state === 'disconnected') this.open();
  }

  /** Watches an opening socket. @param {number} since @param {string} url */
  #expect(since, url) {
    const socket = this.#socket;
    this.#after(GLANCE, async () => {
      const asked = (await permission(url))?.state === 'prompt' && socket?.readyState === 0;
      if (socket !== this.#socket || this.state !== 'connecting') return;
      if (Date.now() - since >= (asked ? PROMPT : OPENING)) return this.#failed('no_answer');
      if (asked) this.#enter('connecting', 'permission_prompt');
      this.#expect(since, url);
    });
  }

  /** @param {number} code @param {string} detail */
  #lost(code, detail) {
    if (FINAL[code]) this.#rest('refused', FINAL[code], detail);
    else if (this.state === 'ready') this.#failed('lost', detail);
    else this.#failed(code === 1015 ? 'untrusted' : 'no_answer', detail);
  }

  /** @param {StateReason} reason @param {string} [detail] */
  async #failed(reason, detail) {
    const url = this.#setup.urls[this.#turn % this.#setup.urls.length];
    if (this.state !== 'ready') this.#turn += 1;
    this.#rest('disconnected', reason, detail);
    this.#after(PAUSES[Math.min(this.#failures++, PAUSES.length - 1)], () => this.open());
    // 1006 alone cannot tell a denied permission from a relay that is down.
    const status = await permission(url);
    if (status?.state !== 'denied' || this.state !== 'disconnected') return;
    this.#enter('disconnected', 'permission_denied', detail);
    this.#denied ??= status;
    this.#denied.onchange = () => this.state === 'disconnected' && this.open();
  }

  /** Lets the socket go, and enters a state. @param {State} state @param {StateReason} reason @param {string} [detail] */
  #rest(state, reason, detail) {
    if (this.state === 'closed') return;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    try {
      socket?.close(1000);
    } catch {
      // It was never open.
    }
    this.#enter(state, reason, detail);
  }

  /** @param {State} state @param {StateReason} reason */
  #enter(state, reason, detail = '') {
    if (state === this.state && reason === this.reason) return;
    this.state = state;
    this.reason = reason;
    this.#setup.onState(state, reason, detail);
  }

  /** One timer, for what the state waits for. @param {number} ms @param {() => void} act */
  #after(ms, act) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
  }
}

/** @param {unknown} data @returns {any} an object, or null */
function parse(data) {
  try {
    const message = JSON.parse(String(data));
    return typeof message === 'object' ? message : null;
  } catch {
    return null;
  }
}

/** What the browser's local network permission says, where there is one. @param {string} url */
async function permission(url) {
  // A page of this machine is never asked, though the query says `prompt`.
  if (LOOPBACK.test(globalThis.location?.hostname)) return null;
  try {
    const name = LOOPBACK.test(new URL(url).hostname) ? 'loopback-network' : 'local-network';
    return await navigator.permissions.query({ name: /** @type {PermissionName} */ (name) });
  } catch {
    return null;
  }
}
