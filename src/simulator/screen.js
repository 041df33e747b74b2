// The terminal on the screen: shows the display of the simulator, which is
// asked again each time it has changed, and sends the keys that are pressed.
"use strict";

const WORDS = {
  fr: {
    title: "Terminal simulé",
    contactless: "Sans contact",
    chip: "Insérer la carte",
    red: "Touche rouge",
    else: "Et aussi",
    refuse: "La banque refuse",
    silence: "Débiter, puis ne jamais répondre",
    untold: "La caisse n’a pas reçu de réponse.",
    lost: "Le simulateur est arrêté.",
    magic: "Montants magiques",
    hint: "Sans toucher à rien, ces montants jouent un incident.",
    operations: { debit: "DÉBIT", refund: "REMBOURSEMENT", cancellation: "ANNULATION" },
    phases: {
      idle: "EN ATTENTE",
      card: "PRÉSENTEZ VOTRE CARTE",
      working: "PATIENTEZ…",
      approved: "PAIEMENT ACCEPTÉ",
      declined: "PAIEMENT REFUSÉ",
    },
    reports: { "06": "ABANDON", "07": "NON ABOUTI", "08": "DÉLAI DÉPASSÉ", "09": "ERREUR DE FORMAT", "11": "ABANDON", "13": "DEVISE NON SUPPORTÉE" },
    till: "Caisse",
    language: "English",
  },
  en: {
    title: "Simulated terminal",
    contactless: "Contactless",
    chip: "Insert the card",
    red: "Red key",
    else: "And also",
    refuse: "The bank refuses",
    silence: "Charge, then never answer",
    untold: "The till was not answered.",
    lost: "The simulator has stopped.",
    magic: "Magic amounts",
    hint: "Without touching anything, these amounts play an incident.",
    operations: { debit: "SALE", refund: "REFUND", cancellation: "CANCELLATION" },
    phases: {
      idle: "READY",
      card: "PRESENT YOUR CARD",
      working: "PLEASE WAIT…",
      approved: "PAYMENT APPROVED",
      declined: "PAYMENT DECLINED",
    },
    reports: { "06": "CANCELLED", "07": "NOT COMPLETED", "08": "TIMED OUT", "09": "FORMAT ERROR", "11": "CANCELLED", "13": "CURRENCY NOT SUPPORTED" },
    till: "Till",
    language: "Français",
  },
};
// Name and decimals of the currencies that shops on our side of the world ask.
const CURRENCIES = {
  978: ["EUR", 2], 953: ["XPF", 0], 756: ["CHF", 2], 840: ["USD", 2], 826: ["GBP", 2],
  788: ["TND", 3], 952: ["XOF", 0], 950: ["XAF", 0], 392: ["JPY", 0],
};
// How long a result stays, as on a real terminal, in milliseconds.
const RESULT = 6000;
const RETRY = 1000;

const at = (id) => document.getElementById(id);
const terminal = document.querySelector(".terminal");
const idle = { version: null, transaction: 0, phase: "idle" };
let language = localStorage.getItem("language") === "en" ? "en" : "fr";
let display = idle;
let amounts = [];
let leaving;

function money(amount, currency) {
  const [name, decimals] = CURRENCIES[currency] ?? [currency, 2];
  const format = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return `${(amount / 10 ** decimals).toLocaleString(language, format)} ${name}`;
}

function draw() {
  const words = WORDS[language];
  document.documentElement.lang = language;
  document.title = words.title;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = words[element.dataset.text];
  }
  at("language").textContent = words.language;
  at("language").lang = language === "fr" ? "en" : "fr";
  document.querySelector(".red").ariaLabel = words.red;

  const running = display.phase !== "idle";
  const ended = display.phase === "approved" || display.phase === "declined";
  terminal.dataset.phase = display.phase;
  at("operation").textContent = running ? words.operations[display.operation] : "";
  at("amount").textContent = running ? money(display.amount, display.currency) : "";
  const report = display.phase === "declined" && words.reports[display.report?.slice(0, 2)];
  at("message").textContent = report || words.phases[display.phase];
  const till = running ? `${words.till} ${display.register}` : "";
  at("reference").textContent = [till, running && display.reference].filter(Boolean).join(" · ");
  at("untold").hidden = !ended || display.told;
  for (const key of document.querySelectorAll("[data-key]")) {
    key.disabled = display.phase !== "card";
  }
  at("amounts").replaceChildren(...amounts.map((magic) => {
    const row = document.createElement("tr");
    row.insertCell().textContent = money(magic.amount, "978");
    row.insertCell().textContent = magic[`label_${language}`];
    return row;
  }));
}

function show(next) {
  clearTimeout(leaving);
  const first = display.version === null;
  const ended = next.phase === "approved" || next.phase === "declined";
  // What ended before the page was opened is no news.
  display = first && ended ? { ...next, phase: "idle" } : next;
  if (ended) {
    leaving = setTimeout(() => { display = { ...display, phase: "idle" }; draw(); }, RESULT);
  }
  draw();
}

async function follow() {
  for (;;) {
    try {
      const seen = display.version ?? "none";
      const response = await fetch(`/display?seen=${seen}`);
      if (!response.ok) throw new Error(response.statusText);
      const next = await response.json();
      at("lost").hidden = true;
      if (next.version !== display.version) show(next);
    } catch {
      at("lost").hidden = false;
      display = idle;
      draw();
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
  }
}

for (const key of document.querySelectorAll("[data-key]")) {
  key.addEventListener("click", () => {
    // A press that comes too late changes nothing: the display says what happened.
    fetch(`/press/${display.transaction}/${key.dataset.key}`, { method: "POST" }).catch(() => {});
  });
}
at("language").addEventListener("click", () => {
  language = language === "fr" ? "en" : "fr";
  localStorage.setItem("language", language);
  draw();
});

draw();
follow();
fetch("/amounts.json").then((response) => response.json()).then((list) => { amounts = list; draw(); }, () => {});
