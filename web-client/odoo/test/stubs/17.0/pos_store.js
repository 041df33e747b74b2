import { Pos, register_payment_method } from '../shared/models.js';
import { Payment } from './models.js';

export { register_payment_method };

export class PosStore extends Pos {
  Payment = Payment;

  async after_load_server_data() {
    return super.after_load_server_data();
  }

  async _save_to_server(orders) {
    return super._save_to_server(orders);
  }
}
