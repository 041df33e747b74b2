// The addon of one series as files, gone with the process.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../addon.js';

/** @param {string} series @returns {Promise<string>} where the addon is */
export function built(series) {
  const folder = mkdtempSync(join(tmpdir(), 'pos-caisse-relay-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return build(series, folder);
}
