import { h } from '../core/dom.js';
import { store } from '../core/store.js';
import { place } from './place.js';

/**
 * Opens a floating box in the top layer, beside its anchor (as a sheet from below on a phone).
 * Esc, a press outside and scrolling the page away close it, and focus goes back to where it was.
 *
 * @param {object} options
 * @param {HTMLElement} options.anchor what it belongs to
 * @param {DOMRect|object} [options.at] a rectangle to use instead of the anchor's
 * @param {any[]} options.content
 * @param {string} [options.kind] extra classes
 * @param {Object<string, any>} [options.attributes] role, aria-label …
 * @param {string} [options.side] see `place`
 * @param {boolean} [options.keepFocus] leave focus where it is, and do not give it back
 * @param {boolean} [options.sheet] whether it may become a sheet on a phone
 * @param {boolean} [options.nested] whether it belongs to the box that is open already
 * @param {(() => void)} [options.onclose]
 */
export function openPopup({
  anchor, at, content, kind = '', attributes = {}, side, keepFocus = false, sheet = true, nested = false, onclose,
}) {
  if (!nested) closeAll();
  const box = h('div', { ...attributes, class: `popup ${kind}`, popover: 'manual', dataset: { sheet } }, content);
  const popup = {
    box, anchor, nested, before: keepFocus ? null : document.activeElement, onclose, close: () => close(popup),
  };
  (anchor.closest('dialog') ?? document.querySelector('main')).append(box);
  box.showPopover();
  popup.reposition = () => (at || anchor.isConnected) && place(box, at ?? anchor.getBoundingClientRect(), side, nested ? 10 : 6);
  popup.reposition();
  if (anchor.hasAttribute('aria-haspopup')) anchor.setAttribute('aria-expanded', 'true');
  store.popups.push(popup);
  return popup;
}

function close(popup) {
  const at = store.popups.indexOf(popup);
  if (at < 0) return;
  for (const later of store.popups.splice(at).reverse()) {
    const hadFocus = later.box.contains(document.activeElement);
    later.box.remove();
    if (later.anchor.hasAttribute('aria-haspopup')) later.anchor.setAttribute('aria-expanded', 'false');
    if (hadFocus) later.before?.focus({ preventScroll: true });
    later.onclose?.();
  }
}

/** Closes what was opened from inside the box that holds `element`. */
export function closeInner(element) {
  const at = store.popups.findIndex((popup) => popup.box.contains(element));
  if (at >= 0 && store.popups[at + 1]) close(store.popups[at + 1]);
}

export function closeAll() {
  if (store.popups.length) close(store.popups[0]);
}

export function anyOpen() {
  return store.popups.length > 0;
}

function onPointer(event) {
  if (!store.popups.length) return;
  const inside = store.popups.some((popup) => popup.box.contains(event.target) || popup.anchor.contains(event.target));
  if (!inside) closeAll();
}

function onKey(event) {
  if (event.key !== 'Escape' || !store.popups.length) return;
  event.preventDefault();
  event.stopPropagation();
  store.popups.at(-1).close();
}

function onMove(event) {
  // A resize comes from the window, which is no node.
  const inside = event.target instanceof Node && store.popups.some((popup) => popup.box.contains(event.target));
  if (!inside) for (const popup of store.popups) popup.reposition();
}

/** Listens for what closes boxes; called once. */
export function watchPopups() {
  document.addEventListener('pointerdown', onPointer, true);
  document.addEventListener('keydown', onKey, true);
  window.addEventListener('resize', onMove);
  document.addEventListener('scroll', onMove, true);
}
