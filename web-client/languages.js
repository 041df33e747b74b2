// Each language is a file of its own, asked for once a page needs it.

/** @type {Record<import('./caisse-relay.js').Language, () => Promise<import('./sentences.js').Words>>} */
export const LANGUAGES = {
  fr: async () => (await import('./french.js')).french,
  en: async () => (await import('./english.js')).english,
};
