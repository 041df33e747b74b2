// A till in Vue: `useCheckout` keeps the rules, the template draws.

import { createApp, ref } from 'vue';
import { connect } from 'caisse-relay-client';
import { useCheckout } from 'caisse-relay-client/vue';
import { address, nextSale, record, showBooks } from '../books.js';

const relay = connect({ url: address(), till: 'Caisse 1', lang: 'fr' });

const Till = {
  setup() {
    const { view, checkout } = useCheckout(relay, record);
    const [euros, code, by, name] = [ref('12.50'), ref(''), ref(''), ref(null)];
    return {
      relay, view, checkout, euros, code, by, name,
      pay: () => checkout.start({ amount: Math.round(Number(euros.value) * 100), currency: 'EUR', reference: nextSale() }),
      settle: (charged) => name.value.reportValidity() && checkout.settle({ charged, by: by.value }),
      pair: () => relay.pair(code.value).catch(({ message }) => alert(message)),
    };
  },
  template: `
    <div v-if="view.status.state !== 'ready'" class="away" data-testid="connection" :data-state="view.status.state">
      <p>{{ view.status.message }} {{ view.status.remedy }}</p>
      <form v-if="view.status.state === 'not_paired'" @submit.prevent="pair"><label>Code <input v-model="code"></label><button>Associer</button></form>
      <button v-else @click="relay.retry()">Réessayer</button>
    </div>
    <form @submit.prevent="pay">
      <label>Montant (€) <input data-testid="amount" type="number" min="0.01" step="0.01" v-model="euros"></label>
      <button data-testid="pay" :disabled="!view.ready">Payer</button>
    </form>
    <div role="status" data-testid="stage" :data-stage="view.stage" :data-step="view.payment?.step ?? ''" :data-charged="view.payment?.charged ?? ''">
      {{ view.error?.message ?? view.payment?.advice }}
    </div>
    <div class="row">
      <button v-if="view.stage === 'waiting'" data-testid="cancel" @click="checkout.cancel()">Abandonner</button>
      <template v-if="view.stage === 'unknown'">
        <label>Votre nom <input data-testid="by" ref="name" v-model="by" required></label>
        <button data-testid="settle-yes" @click="settle('yes')">Le ticket montre un paiement</button>
        <button data-testid="settle-no" @click="settle('no')">Rien n’a été débité</button>
      </template>
      <button v-if="['approved', 'settled', 'contradicted'].includes(view.stage)" data-testid="next" @click="checkout.clear()">Vente suivante</button>
    </div>`,
};

createApp(Till).mount('#app');
showBooks(document.getElementById('books'));
