// As @web/core/utils/patch: `super` in the extension is what was there before.

export function patch(target, extension) {
  const before = Object.create(Object.getPrototypeOf(target));
  for (const key of Reflect.ownKeys(extension)) {
    const known = Object.getOwnPropertyDescriptor(target, key);
    if (known) Object.defineProperty(before, key, known);
  }
  Object.setPrototypeOf(extension, before);
  for (const key of Reflect.ownKeys(extension)) {
    Object.defineProperty(target, key, { ...Object.getOwnPropertyDescriptor(extension, key), enumerable: false });
  }
}
