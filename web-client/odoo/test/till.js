// A cashier at a stand-in of Odoo, with the addon of one series in it.

import { register } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { built } from './built.js';

const HERE = dirname(fileURLToPath(import.meta.url));

/** @param {string} series @returns {Promise<any>} the addon's modules and Odoo's, once for each process */
export async function load(series) {
  const addon = series === '19.0' ? join(HERE, '../pos_caisse_relay') : await built(series);
  process.env.ODOO_TEST = JSON.stringify({ stubs: join(HERE, 'stubs', series), addon });
  register('./hooks.js', import.meta.url);
  const app = (name) => import(`${addon}/static/src/app/${name}.js`);
  const stub = (name) => import(join(HERE, 'stubs', series, `${name}.js`));
  return { series, addon, app, stub, odoo: await stub('odoo') };
}

/** Lets everything that is ready to happen happen. */
export async function settled() {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((done) => setImmediate(done));
  await new Promise((done) => setTimeout(done, 2));
  for (let turn = 0; turn < 12; turn += 1) await new Promise((done) => setImmediate(done));
}

/** Waits for something that real programs do. @param {() => unknown} test */
export async function until(test, what = String(test)) {
  for (let left = 400; left > 0; left -= 1) {
    const found = await test();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error(`never came: ${what}`);
}

/** The dialogs of a till: alerts are read, questions wait for the cashier. */
export class Dialogs {
  told = [];
  questions = [];

  tell(title, body) {
    this.told.push({ title, body });
  }

  /** @param {{ title: string, body: string, choices: { name: string }[] }} question @returns {() => void} close */
  ask(question, choose, close) {
    const asked = { ...question, names: question.choices.map(({ name }) => name) };
    const end = () => {
      if (!this.questions.includes(asked)) return;
      this.questions = this.questions.filter((other) => other !== asked);
      close();
    };
    Object.assign(asked, { answer: (name) => (choose(name), end()), dismiss: end });
    this.questions.push(asked);
    return end;
  }

  get titles() {
    return this.told.map(({ title }) => title);
  }

  get question() {
    return this.questions.at(-1);
  }
}

/** Odoo's server. */
export class Server {
  orders = [];
  up = true;

  get payments() {
    return this.orders.flatMap(({ payments }) => payments);
  }

  /** What the shop sold by card, in cents. */
  get byCard() {
    return this.payments.filter(({ caisse_relay_payment }) => caisse_relay_payment).map(({ amount }) => Math.round(amount * 100));
  }

  async save(orders) {
    if (!this.up) throw new Error('ConnectionLostError');
    // By uuid, as Odoo does: the same order twice is one.
    for (const order of structuredClone(orders)) {
      this.orders = [...this.orders.filter(({ uuid }) => uuid !== order.uuid), order];
    }
  }

  async call(model, method, [ids]) {
    if (!this.up) throw new Error('ConnectionLostError');
    if (`${model}.${method}` !== 'pos.payment.caisse_relay_recorded') throw new Error(`no ${model}.${method}`);
    return this.payments.map(({ caisse_relay_payment }) => caisse_relay_payment).filter((id) => ids.includes(id));
  }
}
