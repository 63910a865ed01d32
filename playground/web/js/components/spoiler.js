import { h } from '../core/dom.js';
import { store } from '../core/store.js';

/** Whether somebody has already uncovered this. */
export function isShown(key) {
  return store.uncovered.has(key);
}

/**
 * Covers an element until it is asked for; `key` remembers that it was, when the message is drawn again.
 *
 * @param {HTMLElement} element
 * @param {string} key
 * @param {() => void} [onshow]
 */
export function coverSpoiler(element, key, onshow) {
  if (isShown(key)) return element;
  element.dataset.spoiler = 'hidden';
  const cover = h(
    'button',
    { type: 'button', class: 'spoiler-cover', 'aria-label': 'Spoiler. Press to show it.' },
    h('span', {}, 'Spoiler'),
  );
  cover.addEventListener('click', (event) => {
    event.preventDefault();
    event.stopPropagation();
    store.uncovered.add(key);
    element.dataset.spoiler = 'shown';
    cover.remove();
    onshow?.();
  });
  element.append(cover);
  return element;
}
