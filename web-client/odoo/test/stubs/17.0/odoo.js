import '@pos_caisse_relay/app/navbar';
import '@pos_caisse_relay/app/payment_caisse_relay';
import '@pos_caisse_relay/app/payment_screen';
import '@pos_caisse_relay/app/pos_store';
import { ModelsPage } from '../shared/models_page.js';
import { AlertDialog } from './confirmation_dialog.js';
import { PaymentScreen } from './payment_screen.js';
import { PosStore } from './pos_store.js';

// Every point of sale's methods are loaded; the config says which are its own.
const configured = (methods, config) => ({ id: 7, name: 'Caisse 1', payment_method_ids: methods.map(({ id }) => id), ...config });

export async function open({ server, browser, methods, others = [], dialogs, config = {}, ...caisseRelayOptions }) {
  const dialog = {
    add: (Dialog, props, { onClose } = {}) =>
      Dialog === AlertDialog ? dialogs.tell(props.title, props.body) : dialogs.ask(props, props.choose, () => onClose?.()),
  };
  const orm = { silent: { call: (model, method, args) => server.call(model, method, args) } };
  const env = { services: { dialog, orm }, utils: { formatCurrency: (amount) => `${amount.toFixed(2)} €` } };
  const pos = new PosStore({ server, browser, methods: [...others, ...methods], env, config: configured(methods, config), caisseRelayOptions });
  await pos.after_load_server_data();
  return new ModelsPage(pos, (uid) => new PaymentScreen(pos, uid), press);
}

function press(screen, name, line) {
  if (name === 'method') return screen.addNewPaymentLine(line);
  if (name === 'Cancel') return screen.sendPaymentCancel(line);
  if (name === 'Force done') return screen.sendForceDone(line);
  if (name === 'Delete') return screen.deletePaymentLine(line.cid);
  return screen.sendPaymentRequest(line);
}
