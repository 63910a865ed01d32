import { div, h, icon, span } from '../core/dom.js';
import { closeAll, closeInner, openPopup } from './popup.js';

/**
 * @typedef {object} Item
 * @property {string} [label]
 * @property {string} [icon]
 * @property {Node} [face] shown instead of a drawing
 * @property {string} [note] a second line
 * @property {boolean} [danger]
 * @property {boolean} [checked] makes it one of several that exclude each other
 * @property {Item[]} [items] a menu inside the menu
 * @property {() => void} [run]
 * @property {'line'} [kind] a line between items
 * @property {string} [title] a heading
 * @property {Object<string, string>} [data] data attributes
 */

/** Opens a menu; arrows, Home, End and letters move, Enter and Space choose. */
export function openMenu({ anchor, at, items, label, side = 'below', nested = false }) {
  const popup = openPopup({
    anchor, at, side, nested, kind: 'menu', attributes: { role: 'menu', 'aria-label': label },
    content: items.map(entry),
  });
  popup.box.addEventListener('keydown', (event) => onKey(event, popup));
  buttons(popup.box)[0]?.focus();
  return popup;
}

function entry(item) {
  if (item.kind === 'line') return h('div', { class: 'menu-line', role: 'separator' });
  if (item.title) return div('menu-title', item.title);
  const label = span('label', item.label, item.note && h('small', {}, item.note));
  const element = h('button', attributes(item), item.face ?? (item.icon && icon(item.icon)), label, mark(item));
  const open = () => (item.items ? openInner(item, element) : closeInner(element));
  element.addEventListener('click', () => (item.items ? open() : finish(item)));
  element.addEventListener('pointerenter', (event) => { if (event.pointerType === 'mouse') open(); });
  return element;
}

function attributes(item) {
  const radio = item.checked !== undefined;
  return {
    type: 'button', class: 'menu-item', tabindex: '-1', role: radio ? 'menuitemradio' : 'menuitem',
    'aria-checked': radio ? String(item.checked) : null, 'aria-haspopup': item.items ? 'menu' : null,
    'aria-expanded': item.items ? 'false' : null, dataset: { danger: item.danger, ...item.data },
  };
}

function mark(item) {
  if (item.items) return icon('right');
  if (!item.checked) return null;
  const tick = icon('check');
  tick.classList.add('tick');
  return tick;
}

function openInner(item, element) {
  if (element.getAttribute('aria-expanded') === 'true') return;
  openMenu({ anchor: element, items: item.items, label: item.label, side: 'right', nested: true });
}

/** Closes every menu, which gives focus back to where it was, and only then does what was chosen. */
function finish(item) {
  closeAll();
  item.run?.();
}

function buttons(box) {
  return [...box.querySelectorAll(':scope > .menu-item')];
}

function onKey(event, popup) {
  const all = buttons(popup.box);
  const at = all.indexOf(document.activeElement);
  const count = all.length;
  const moves = { ArrowDown: (at + 1) % count, ArrowUp: (at - 1 + count) % count, Home: 0, End: count - 1 };
  if (event.key in moves) {
    event.preventDefault();
    event.stopPropagation();
    all[moves[event.key]].focus();
    return;
  }
  if (event.key === 'ArrowRight' && all[at]?.hasAttribute('aria-haspopup')) all[at].click();
  if (event.key === 'ArrowLeft' && popup.nested) { event.stopPropagation(); popup.close(); }
  if (event.key === 'Tab') { event.preventDefault(); popup.close(); }
  if (/^\p{L}$/u.test(event.key)) startingWith(all, event.key)?.focus();
}

function startingWith(items, letter) {
  return items.find((item) => item.textContent.toLowerCase().startsWith(letter.toLowerCase()));
}
