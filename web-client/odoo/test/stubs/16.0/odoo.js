import '@pos_caisse_relay/app/payment_caisse_relay';
import '@pos_caisse_relay/app/payment_screen';
import '@pos_caisse_relay/app/pos_store';
import '@pos_caisse_relay/app/relay_button';
import { RelayQuestionPopup } from '@pos_caisse_relay/app/question_popup';
import { ModelsPage } from '../shared/models_page.js';
import { Gui } from './Gui.js';
import PaymentScreen from './PaymentScreen.js';
import { useState } from './owl.js';
import { composed } from './Registries.js';
import { Payment, PosGlobalState } from './models.js';

// Every point of sale's methods are loaded; the config says which are its own.
const configured = (methods, config) => ({ id: 7, name: 'Caisse 1', payment_method_ids: methods.map(({ id }) => id), ...config });

export async function open({ server, browser, methods, others = [], dialogs, config = {}, ...caisseRelayOptions }) {
  const env = { services: { rpc: ({ model, method, args }) => server.call(model, method, args) } };
  Gui.showPopup = (name, props) => {
    if (name === 'ErrorPopup') return void dialogs.tell(props.title, props.body);
    return new Promise((resolve) => {
      let close = () => {};
      let chosen = false;
      const popup = new RelayQuestionPopup({ ...props, resolve: (answer) => (close(), resolve(answer)) });
      const choose = (choice) => {
        chosen = true;
        popup.choose(choice);
      };
      close = dialogs.ask(props, choose, () => chosen || popup.cancel());
    });
  };
  const Pos = composed(PosGlobalState);
  const pos = new Pos({ server, browser, methods: [...others, ...methods], env, config: configured(methods, config), caisseRelayOptions, Payment: composed(Payment) });
  pos.Payment = composed(Payment);
  env.pos = useState(pos);
  await pos.after_load_server_data();
  const Screen = composed(PaymentScreen);
  return new ModelsPage(pos, (uid) => new Screen(env, uid), press);
}

function press(screen, name, line) {
  if (name === 'method') return screen.addNewPaymentLine({ detail: line });
  if (name === 'Cancel') return screen._sendPaymentCancel({ detail: line });
  if (name === 'Force done') return screen._sendForceDone({ detail: line });
  if (name === 'Delete') return screen.deletePaymentLine({ detail: { cid: line.cid } });
  return screen._sendPaymentRequest({ detail: line });
}
