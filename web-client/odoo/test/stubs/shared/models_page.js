// A page of Odoo 17.0 or 16.0 for the stories; how its buttons are pressed is the series' own.

export class ModelsPage {
  /** @param {any} pos @param {(uid: string) => any} open a payment screen @param {(screen: any, name: string, line: any) => any} press */
  constructor(pos, open, press) {
    Object.assign(this, { pos, openScreen: open, pressOn: press, screens: new Map() });
  }

  get till() {
    return this.pos.caisseRelay;
  }

  get lines() {
    return this.pos.orders.flatMap((order) => [...order.paymentlines]);
  }

  sale(total) {
    return this.pos.add_order(total);
  }

  screen(order) {
    if (!this.screens.has(order.uid)) this.screens.set(order.uid, this.openScreen(order.uid));
    return this.screens.get(order.uid);
  }

  statusOf(line) {
    return line.payment_status;
  }

  adviceOf(line) {
    return this.till.shop.lines().find(({ amount }) => amount === line.amount)?.memory.advice;
  }

  async pay(order, method) {
    const added = await this.pressOn(this.screen(order), 'method', method);
    return added ? [...order.paymentlines].at(-1) : 'in progress';
  }

  press(name, line) {
    return this.pressOn(this.screen(line.order), name, line);
  }

  validate(order) {
    return this.screen(order).validateOrder();
  }

  sync() {
    return this.pos.push();
  }

  leave() {
    this.pos.write();
  }
}
