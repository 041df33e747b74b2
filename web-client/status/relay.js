// The relay, spoken to as the person who holds its key (PROTOCOL.md).

/** The relay says something every 10 seconds. */
const LONGEST_SILENCE = 30_000;
const [FIRST_TRY, LAST_TRY] = [500, 5_000];

/** A refusal: nothing was done. */
export class Refused extends Error {
  /** @param {{ code: string, message: string }} refused */
  constructor({ code, message }) {
    super(message);
    this.code = code;
  }
}

/**
 * Connects, and goes on connecting until the key or the ticket is refused.
 * @param {{ key: string | null, ticket: string | null, keep: (key: string) => void, lang: string, unsent: string, lost: string, hear: (message: any) => void, state: (state: 'ready' | 'away' | 'refused', why?: string) => void }} options
 *   `ticket`: of the link, to trade for the key, which is then handed to `keep`; `unsent`: what to say of a question that does not leave; `lost`: of one whose answer will not come
 */
export function connect({ key, ticket, keep, lang, unsent, lost, hear, state }) {
  /** Questions without an answer yet, by what the answer will carry. @type {Map<string, { resolve: (message: any) => void, reject: (error: Error) => void, good: (message: any) => boolean }>} */
  const waiting = new Map();
  /** @type {WebSocket | null} */
  let socket = null;
  let count = 0;
  let pause = FIRST_TRY;
  /** @type {any} */
  let silence;

  function open() {
    const line = new WebSocket(`wss://${location.host}/till`, 'caisse-relay.v1');
    let welcome = false;
    let over = false;
    const end = () => {
      if (over) return;
      over = true;
      clearTimeout(silence);
      socket = null;
      line.close();
      for (const { reject } of waiting.values()) reject(new Refused({ code: 'connection_lost', message: lost }));
      waiting.clear();
      state('away');
      setTimeout(open, pause);
      pause = Math.min(pause * 2, LAST_TRY);
    };
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(end, LONGEST_SILENCE);
    };
    const hello = () => line.send(JSON.stringify({ type: 'hello', client: 'caisse-relay-page/1', lang, till: 'Caisse Relay', key }));
    line.onopen = () => {
      listen();
      if (ticket) line.send(JSON.stringify({ type: 'redeem', ticket, lang }));
      else hello();
    };
    line.onclose = end;
    line.onmessage = ({ data }) => {
      listen();
      const message = JSON.parse(data);
      if (message.type === 'ping') return line.send(JSON.stringify({ type: 'pong', n: message.n }));
      if (message.type === 'redeemed') {
        ({ key } = message);
        ticket = null;
        keep(message.key);
        return hello();
      }
      if (message.type === 'refused' && (message.to === 'hello' || message.to === 'redeem')) {
        over = true;
        clearTimeout(silence);
        line.close();
        return state('refused', message.message);
      }
      if (message.type === 'welcome') {
        welcome = true;
        socket = line;
        pause = FIRST_TRY;
        state('ready');
      }
      if (welcome) take(message);
    };
    listen();
  }

  /** @param {any} message */
  function take(message) {
    const names = [message.n !== null && message.n !== undefined && `n ${message.n}`, message.id && `id ${message.id}`];
    hear(message);
    for (const name of names) {
      const question = name && waiting.get(name);
      const refused = message.type === 'refused';
      if (!question || !(refused || question.good(message))) continue;
      waiting.delete(name);
      if (refused) question.reject(new Refused(message));
      else question.resolve(message);
    }
  }

  /** @param {string} name @param {any} message @param {(message: any) => boolean} good @returns {Promise<any>} */
  function question(name, message, good) {
    return new Promise((resolve, reject) => {
      // Nothing is kept to be sent later: a payment must not fire by itself.
      if (!socket || socket.readyState !== WebSocket.OPEN) return reject(new Refused({ code: 'not_connected', message: unsent }));
      waiting.set(name, { resolve, reject, good });
      socket.send(JSON.stringify(message));
    });
  }

  open();
  return {
    /** Asks for something that is answered by number. @param {any} message */
    ask(message) {
      count += 1;
      return question(`n ${count}`, { ...message, n: count }, () => true);
    },
    /**
     * Says something of a payment, which is answered by the payment.
     * @param {any} message @param {(payment: any) => boolean} [good] whether it is the answer; other changes may come before it
     */
    about(message, good = () => true) {
      return question(`id ${message.id}`, message, good);
    },
  };
}

/** @typedef {ReturnType<typeof connect>} Relay */
