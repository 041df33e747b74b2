// The copy of the client in the addon is the client.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADDON, client } from '../addon.js';

test('the copied client is the client: `node addon.js client` after each change', async () => {
  const files = await client();
  for (const [path, text] of files) assert.equal(await readFile(path, 'utf8'), text, path);
  const there = await readdir(join(ADDON, 'static/src/lib'));
  assert.equal(there.length, files.size + 1, 'and nothing else is in its folder but `languages.js`');
});
