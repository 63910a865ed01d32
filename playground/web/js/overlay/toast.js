import { h, icon, iconButton } from '../core/dom.js';

const STAY = 6000;

/**
 * A notice in the corner; goes away by itself, not while it is pointed at.
 *
 * @param {object} notice
 * @param {string} notice.title
 * @param {string} [notice.text]
 * @param {'info'|'error'|'mention'} [notice.kind]
 * @param {Node} [notice.face]
 * @param {() => void} [notice.run] what pressing it does
 */
export function toast({ title, text, kind = 'info', face, run }) {
  const words = [h('b', {}, title), text && h('span', {}, text)];
  const body = run ? h('button', { class: 'toast-text', type: 'button' }, words) : h('div', { class: 'toast-text' }, words);
  const element = h('div', { class: 'toast', role: kind === 'error' ? 'alert' : 'status', dataset: { kind } },
    face ?? icon(kind === 'error' ? 'warning' : 'info'), body,
    iconButton('close', 'Close this notice', { onclick: () => element.remove() }));
  if (run) body.addEventListener('click', () => { element.remove(); run(); });
  const box = document.getElementById('toasts');
  box.append(element);
  while (box.children.length > 4) box.firstChild.remove();
  let timer = setTimeout(() => element.remove(), STAY);
  element.addEventListener('pointerenter', () => clearTimeout(timer));
  element.addEventListener('pointerleave', () => { timer = setTimeout(() => element.remove(), 2000); });
  return element;
}

/** Says a sentence to screen readers only. */
export function announce(text) {
  const live = document.getElementById('live');
  live.textContent = '';
  requestAnimationFrame(() => { live.textContent = text; });
}
