import { Payment as Base } from '../shared/models.js';

export class Payment extends Base {
  async pay() {
    this.set_payment_status('waiting');
    return this.handle_payment_response(await this.payment_method.payment_terminal.send_payment_request(this.cid));
  }

  handle_payment_response(paid) {
    this.set_payment_status(paid ? 'done' : 'retry');
    return paid;
  }

  // The base's constructor calls these; `patch` finds them here, where Odoo has them.
  init_from_JSON(json) {
    super.init_from_JSON(json);
  }

  export_as_JSON() {
    return super.export_as_JSON();
  }
}
