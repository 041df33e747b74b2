// Asks the relay for a picture over HTTPS, again and again: the device trusts
// the relay from the moment that it comes.

const AGAIN = 3000;
/** A browser may wait minutes for an address that nothing answers. */
const PATIENCE = 6000;

const section = document.querySelector('[data-testid="test"]');
const tests = [...section.querySelectorAll('[data-test]')];
const button = section.querySelector('button');

/** @param {string} url */
function comes(url) {
  return new Promise((resolve) => {
    const picture = new Image();
    const late = setTimeout(() => resolve(false), PATIENCE);
    const done = (good) => () => {
      clearTimeout(late);
      resolve(good);
    };
    picture.onload = done(true);
    picture.onerror = done(false);
    // Never from a cache.
    picture.src = `${url}?${Date.now()}`;
  });
}

async function tryOne(test) {
  const good = await comes(test.dataset.test);
  test.dataset.state = good ? 'trusted' : 'untrusted';
  return good;
}

let trying = false;
async function tryAll() {
  if (trying) return;
  trying = true;
  // One way in is enough for the device to trust the relay.
  const good = (await Promise.all(tests.map(tryOne))).some(Boolean);
  section.dataset.state = good ? 'trusted' : 'untrusted';
  trying = false;
}

button.addEventListener('click', () => {
  for (const test of tests) test.dataset.state = 'testing';
  tryAll();
});
document.addEventListener('visibilitychange', () => document.hidden || tryAll());
setInterval(() => document.hidden || tryAll(), AGAIN);
tryAll();
