/**
 * No line may break inside the guillemets or before a double punctuation mark.
 * @param {string} french
 */
export function typeset(french) {
  return french.replace(/« | (?=[»:;?!])/g, (found) => found.replace(' ', '\u00a0'));
}
