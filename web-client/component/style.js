// The dialog's looks. A page changes them with the custom properties below, or with `::part(…)`.

const LIGHT = {
  surface: '#fffdf9', raised: '#f5f1ea', line: '#dcd4c7', ink: '#1d2321', soft: '#5c645f',
  accent: '#0e6b5c', 'on-accent': '#ffffff',
  yes: '#147a3d', 'yes-wash': '#e2f3e6', no: '#b3261e', 'no-wash': '#fbe6e3',
  maybe: '#8a5200', 'maybe-wash': '#fdf0d5', calm: '#345c8c', 'calm-wash': '#e6eef8',
};
const DARK = {
  surface: '#1c2122', raised: '#262c2d', line: '#3c4546', ink: '#eef1ee', soft: '#a9b3ae',
  accent: '#3fbda4', 'on-accent': '#06231e',
  yes: '#5fd08a', 'yes-wash': '#17301f', no: '#ff8f85', 'no-wash': '#3a1c1a',
  maybe: '#f6b84c', 'maybe-wash': '#392a0f', calm: '#8fb8ea', 'calm-wash': '#1a2736',
};

/** Where the page says nothing: as its `color-scheme` says, and light in a browser without `light-dark()`. */
const colours = Object.entries(LIGHT).map(([name, light]) => `--_${name}: var(--caisse-relay-${name}, ${light});`);
const schemes = Object.entries(LIGHT).map(([name, light]) => `--_${name}: var(--caisse-relay-${name}, light-dark(${light}, ${DARK[/** @type {keyof typeof DARK} */ (name)]}));`);

export const STYLE = `
/* Out of the page's flow: all there is of it lies over the page. */
:host { position: fixed; }
dialog { ${colours.join(' ')} }
@supports (color: light-dark(#fff, #000)) { dialog { ${schemes.join(' ')} } }
dialog {
  --_radius: var(--caisse-relay-radius, 1.25rem);
  --tone: var(--_accent); --wash: var(--_raised);
  box-sizing: border-box; width: min(30rem, calc(100vw - 1.5rem)); max-width: none; max-height: calc(100dvh - 1.5rem); overflow: auto; overscroll-behavior: contain;
  margin: auto; padding: 0; border: 1px solid var(--_line); border-radius: var(--_radius); background: var(--_surface); color: var(--_ink);
  font: var(--caisse-relay-font, 16px/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif);
  font-variant-numeric: tabular-nums; box-shadow: 0 1.5rem 4rem #0005;
}
dialog::backdrop { background: var(--caisse-relay-backdrop, #14181880); backdrop-filter: blur(3px); }
dialog[open] { animation: rise .18s ease-out; }
* { box-sizing: border-box; margin: 0; }
[hidden] { display: none !important; }
dialog > * { margin-inline: 1.5rem; }
header { padding: 1.4rem 0 1.1rem; text-align: center; }
#operation { color: var(--_soft); font-size: .95em; }
#amount { font-size: clamp(2.4rem, 11vw, 3.2rem); font-weight: 680; letter-spacing: -.02em; line-height: 1.1; overflow-wrap: anywhere; }

#connection { display: grid; gap: .5rem; margin-bottom: 1rem; padding: .9rem 1rem; border-radius: .9rem; background: var(--_maybe-wash); color: var(--_maybe); overflow-wrap: anywhere; }
#connection[data-state="connecting"] { background: var(--_calm-wash); color: var(--_calm); }
#message { font-weight: 620; }
#remedy { color: var(--_ink); }
#connection button { justify-self: start; }
#pairing { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; color: var(--_ink); }
#pairing label { flex: 1 1 10rem; }
#code { font-size: 1.3rem; letter-spacing: .18em; }

#outcome { display: flex; gap: 1rem; align-items: start; padding: 1.1rem 1.25rem; border-radius: 1rem; background: var(--wash); }
#news { min-width: 0; min-height: 3.25rem; display: grid; gap: .3rem; align-content: center; overflow-wrap: anywhere; }
#badge { position: relative; flex: none; display: grid; place-items: center; width: 3.25rem; height: 3.25rem; border-radius: 50%; background: var(--tone); color: var(--_surface); }
svg { width: 1.9rem; height: 1.9rem; fill: none; stroke: currentColor; stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round; }
h2 { font-size: 1.3rem; line-height: 1.2; letter-spacing: -.01em; color: var(--tone); }
h2:focus { outline: none; }
h3 { font-size: 1.08rem; line-height: 1.25; }
dialog:is([data-stage="starting"], [data-stage="waiting"]) { --tone: var(--_calm); --wash: var(--_calm-wash); }
dialog[data-stage="approved"] { --tone: var(--_yes); --wash: var(--_yes-wash); }
dialog:is([data-stage="declined"], [data-stage="refused"], [data-stage="contradicted"]) { --tone: var(--_no); --wash: var(--_no-wash); }
dialog[data-stage="not_sent"] { --tone: var(--_calm); --wash: var(--_calm-wash); }
dialog[data-stage="unknown"] { --tone: var(--_maybe); --wash: var(--_maybe-wash); }
dialog[data-stage="settled"][data-charged="yes"] { --tone: var(--_yes); --wash: var(--_yes-wash); }
dialog[data-stage="settled"][data-charged="no"] { --tone: var(--_no); --wash: var(--_no-wash); }
dialog[data-stage="contradicted"] { border: 2px solid var(--_no); }
dialog:is([data-stage="starting"], [data-stage="waiting"]) #badge::after { content: ""; position: absolute; inset: -.3rem; border-radius: 50%; border: .2rem solid var(--tone); border-top-color: transparent; animation: turn 1s linear infinite; }

ol { display: grid; grid-template-columns: repeat(3, 1fr); gap: .4rem; list-style: none; padding: 0; margin-top: 1rem; font-size: .85em; line-height: 1.25; color: var(--_soft); }
li { border-top: .28rem solid var(--_line); padding-top: .35rem; }
li:is([data-is="done"], [data-is="now"]) { border-color: var(--tone); color: var(--_ink); }
li[data-is="now"] { font-weight: 620; }
dl { display: grid; gap: .45rem; }
dl:has(> :not([hidden])) { margin-top: 1rem; }
dl > div { display: flex; justify-content: space-between; gap: 1rem; }
dt { color: var(--_soft); }
dd { text-align: right; font-weight: 600; overflow-wrap: anywhere; }

#assistant { display: grid; gap: .7rem; margin-top: 1.1rem; padding: 1.1rem 1.25rem; border: 2px solid var(--_maybe); border-radius: 1rem; }
#evidence { padding: .6rem .8rem; border-radius: .7rem; background: var(--_raised); color: var(--_ink); font-size: .93em; }
.answers { display: grid; gap: .6rem; grid-template-columns: 1fr 1fr; }
label { display: grid; gap: .25rem; }
label span { color: var(--_soft); font-size: .9em; }
details { margin-top: 1rem; }
summary { cursor: pointer; color: var(--_soft); padding: .3rem 0; }
pre { margin-top: .4rem; padding: .8rem 1rem; border-radius: .7rem; background: var(--_raised); font: .82rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; overflow: auto; }
#unrecorded, #error { margin-top: 1rem; padding: .7rem 1rem; border-radius: .8rem; background: var(--_no-wash); color: var(--_no); font-weight: 600; overflow-wrap: anywhere; }

footer { position: sticky; bottom: 0; display: flex; flex-wrap: wrap; gap: .6rem; padding: 1.2rem 0 1.4rem; background: var(--_surface); }
footer button { flex: 1 1 auto; }
button, input { font: inherit; color: inherit; }
button {
  min-height: 3rem; padding: .5rem 1.1rem; border: 1px solid var(--_line); border-radius: .85rem; background: var(--_surface); color: var(--_ink);
  font-weight: 620; line-height: 1.25; cursor: pointer; touch-action: manipulation; transition: border-color .12s, filter .12s;
}
button:hover:not(:disabled) { border-color: var(--_accent); }
button:disabled { opacity: .5; cursor: not-allowed; }
button[part~="primary"] { background: var(--_accent); border-color: var(--_accent); color: var(--_on-accent); }
button[part~="primary"]:hover:not(:disabled) { filter: brightness(1.08); }
#start { min-height: 3.75rem; font-size: 1.2rem; }
input { width: 100%; min-height: 3rem; padding: .4rem .8rem; border: 1px solid var(--_soft); border-radius: .75rem; background: var(--_surface); }
:focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }

@media (max-width: 30rem) {
  dialog > * { margin-inline: 1rem; }
  #outcome { padding: 1rem; gap: .8rem; }
  header { padding: 1rem 0 .8rem; }
  #badge { width: 2.5rem; height: 2.5rem; }
  #news { min-height: 2.5rem; }
  svg { width: 1.5rem; height: 1.5rem; }
  #assistant { padding: .9rem 1rem; gap: .55rem; }
  .answers { grid-template-columns: 1fr; gap: .5rem; }
  footer { padding: .9rem 0 1rem; }
}
@media (prefers-reduced-motion: reduce) {
  dialog[open] { animation: none; }
  dialog #badge::after { animation-duration: 4s !important; }
}
@media (forced-colors: active) { #outcome, #connection { border: 1px solid; } }
@keyframes turn { to { rotate: 1turn; } }
@keyframes rise { from { opacity: 0; translate: 0 .6rem; } }
`;
