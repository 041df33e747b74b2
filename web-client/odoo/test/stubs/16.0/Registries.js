// Odoo 16.0 composes its classes when the page is opened: `composed` does.
const extensions = new Map();

const registry = {
  extend: (Base, extension) => extensions.set(Base, [...(extensions.get(Base) ?? []), extension]),
  add: () => {},
};

export default { Model: registry, Component: registry };

export const composed = (Base) => (extensions.get(Base) ?? []).reduce((Last, extension) => extension(Last), Base);
