import { Payment, Pos } from '../shared/models.js';

export { register_payment_method } from '../shared/models.js';
export { Payment };

export class PosGlobalState extends Pos {}
