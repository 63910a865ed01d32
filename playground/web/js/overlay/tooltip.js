import { h } from '../core/dom.js';
import { place } from './place.js';

const DELAY = 350;
const AT_FOCUS = 120;

/** Shows the `data-tip` of whatever the pointer rests on or focus reaches by keyboard; called once. */
export function watchTooltips() {
  const tip = new Tooltip();
  document.addEventListener('pointerover', (event) => {
    if (event.pointerType === 'mouse') tip.consider(event.target, DELAY);
  });
  document.addEventListener('focusin', ({ target }) => {
    if (target.matches(':focus-visible')) tip.consider(target, AT_FOCUS);
    else tip.hide();
  });
  for (const name of ['pointerdown', 'keydown', 'scroll', 'wheel']) {
    document.addEventListener(name, () => tip.hide(), { capture: true, passive: true });
  }
}

class Tooltip {
  hide() {
    clearTimeout(this.timer);
    this.box?.remove();
    this.box = null;
  }

  consider(element, delay) {
    this.hide();
    const target = element.closest?.('[data-tip]');
    if (target) this.timer = setTimeout(() => this.show(target), delay);
  }

  show(target) {
    if (!target.isConnected || target.getAttribute('aria-expanded') === 'true') return;
    this.box = h('div', { class: 'tooltip', popover: 'manual', role: 'tooltip' }, target.dataset.tip);
    (target.closest('dialog') ?? document.body).append(this.box);
    this.box.showPopover();
    const { left, right, top, bottom } = target.getBoundingClientRect();
    const half = this.box.offsetWidth / 2;
    const middle = (left + right) / 2;
    place(this.box, { left: middle - half, right: middle + half, top, bottom }, 'above', 8);
  }
}
