// A till without modules, with the one file: the global CaisseRelay, and the element it has defined.

(function () {
  var KEY = 'example.books';
  var relay = CaisseRelay.connect({ url: new URLSearchParams(location.search).get('relay') || undefined, till: 'Caisse 1', lang: 'fr' });
  var dialog = document.createElement('caisse-relay-payment');
  dialog.relay = relay;
  dialog.setAttribute('currency', 'EUR');
  document.body.appendChild(dialog);

  function books() {
    return JSON.parse(localStorage.getItem(KEY) || '{}');
  }

  function showBooks() {
    var list = document.getElementById('books');
    var all = books();
    list.textContent = '';
    Object.keys(all).forEach(function (id) {
      var line = document.createElement('li');
      line.textContent = all[id].reference + ' · ' + all[id].outcome;
      line.setAttribute('data-payment', id);
      line.setAttribute('data-outcome', all[id].outcome);
      line.setAttribute('data-charged', all[id].charged);
      list.appendChild(line);
    });
  }

  function record(event) {
    var all = books();
    var payment = event.payment;
    all[payment.id] = { reference: payment.reference, outcome: payment.outcome, charged: payment.charged };
    localStorage.setItem(KEY, JSON.stringify(all));
    showBooks();
    event.waitUntil(true);
  }

  dialog.addEventListener('payment', record);
  dialog.addEventListener('settled', record);

  document.getElementById('sale').addEventListener('submit', function (event) {
    event.preventDefault();
    dialog.amount = Math.round(Number(document.getElementById('amount').value) * 100);
    dialog.setAttribute('reference', 'T-' + Date.now());
    dialog.pay();
  });

  showBooks();
})();
