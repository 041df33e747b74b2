// The types say what the protocol says: no field and no code more, none less.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import ts from 'typescript';
import { french } from '../french.js';

const read = (name) => readFile(new URL(`../${name}`, import.meta.url), 'utf8');
const [types, protocol, schema] = [await declared('caisse-relay.d.ts'), await read('PROTOCOL.md'), JSON.parse(await read('protocol.schema.json'))];

/** What a .d.ts declares: an interface's fields, a union's texts. */
async function declared(name) {
  const found = new Map();
  for (const node of ts.createSourceFile(name, await read(name), ts.ScriptTarget.Latest).statements) {
    if (ts.isInterfaceDeclaration(node)) found.set(node.name.text, node.members.filter(ts.isPropertySignature).map((member) => member.name.text));
    if (ts.isTypeAliasDeclaration(node) && ts.isUnionTypeNode(node.type)) found.set(node.name.text, node.type.types.map((part) => part.literal?.text ?? part.typeName.text));
  }
  return found;
}

function has(name, expected, about = name) {
  assert.deepEqual([...types.get(name)].sort(), [...expected].sort(), about);
}

const message = (direction, type) => Object.keys(schema.definitions[direction].oneOf.find(({ properties }) => properties.type.const === type).properties);
const view = (name) => Object.keys(schema.definitions[name].properties);
const without = (fields, ...others) => fields.filter((field) => !others.includes(field));
/** The codes in `ticks` between two texts of PROTOCOL.md. */
const listed = (from, to) => [...protocol.split(from)[1].split(to)[0].matchAll(/`(\w+)`/g)].map(([, code]) => code);

test('every field of the relay\'s messages is typed', () => {
  has('Payment', view('PaymentView'));
  has('Receipt', view('ReceiptView'));
  has('Report', view('ReportView'));
  has('Resolved', view('ResolutionView'));
  has('Evidence', view('EvidenceView'));
  has('Terminal', view('TerminalView'));
  has('HeldBy', view('HeldBy'));
  has('Welcome', without(message('RelayToTill', 'welcome'), 'type'));
  has('Exchange', without(message('RelayToTill', 'exchange'), 'type'));
  has('Identification', without(message('RelayToTill', 'terminal'), 'type'));
});

test('every field that a till may send is typed', () => {
  has('Order', [...without(message('TillToRelay', 'pay'), 'type', 'operation'), 'onProgress']);
  has('Resolution', without(message('TillToRelay', 'resolve'), 'type', 'id'));
  // `watch` needs the relay's key.
  has('Filter', without(message('TillToRelay', 'payments'), 'type', 'n', 'watch'));
});

test('every code that the relay refuses with is a type, and no other', () => {
  const table = protocol.split('## Codes of `refused`')[1].split('\n## ')[0];
  const codes = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`(\w+)`/g)].map(([, code]) => code));
  assert.ok(codes.length > 20);
  has('RefusalCode', codes);
});

test('every code of the client itself is a type, and has a sentence', async () => {
  const used = [...(await read('caisse-relay.js')).matchAll(/#error\('(\w+)'|\? '(\w+)' : '(\w+)'/g)].flatMap(([, ...codes]) => codes.filter(Boolean));
  const errors = types.get('ClientErrorCode');
  assert.deepEqual(errors.filter((code) => !french.says[code]), []);
  for (const code of errors) assert.ok(used.includes(code), `${code} is never said`);
  const states = types.get('State');
  const said = without(Object.keys(french.says), ...states, ...errors);
  assert.deepEqual(said, ['pair_lost'], 'a second sentence of `connection_lost`');
});

test('every reason and remark is a type', () => {
  has('NotSentReason', listed('Reasons of `not_sent`:', '.\n'));
  has('UnknownReason', listed('Reasons of `unknown`:', '.\n'));
  has('Remark', listed('| `remarks` | list of ', '|\n').filter((word) => word !== 'remarks'));
});

test('the package follows the protocol: its major version is the number of `caisse-relay.vN`', async () => {
  const { version } = JSON.parse(await read('package.json'));
  const [, spoken] = /'caisse-relay\.v(\d+)'/.exec(await read('connection.js'));
  const [, welcomed] = /'caisse-relay-client\/(\d+)'/.exec(await read('caisse-relay.js'));
  const [, written] = /^# The browser protocol `caisse-relay\.v(\d+)`/.exec(protocol);
  const major = Number(version.split('.')[0]);
  // Before 1.0.0 it is the first protocol that is spoken.
  assert.deepEqual([Number(spoken), Number(welcomed), Number(written)], Array(3).fill(Math.max(1, major)));
});
