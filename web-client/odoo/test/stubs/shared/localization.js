export const localization = { code: 'fr_FR' };
