import { freshId, h, span } from '../core/dom.js';

const PAUSE = 180;
let pressed = false;
document.addEventListener('pointerdown', () => { pressed = true; }, true);
for (const end of ['pointerup', 'pointercancel']) document.addEventListener(end, () => { pressed = false; }, true);

/**
 * Offers suggestions below a text field while it is typed in, in the field's own place so that they cover nothing.
 * As in Discord one is chosen from the start as soon as something is typed: what was typed where that is offered, or
 * else the first. Arrows choose another, Enter or Tab takes, Esc closes.
 *
 * @param {HTMLTextAreaElement|HTMLInputElement} input
 * @param {() => Promise<{name: string, value: any}[]|undefined>} ask
 * @param {(choice: {name: string, value: any}) => void} ontake
 */
export function withSuggestions(input, ask, ontake) {
  const list = new Suggestions(input, ask, ontake);
  input.addEventListener('input', () => list.soon());
  input.addEventListener('focus', () => list.soon());
  input.addEventListener('blur', () => list.leave());
  input.addEventListener('keydown', (event) => list.key(event));
  input.setAttribute('aria-autocomplete', 'list');
}

class Suggestions {
  constructor(input, ask, ontake) {
    Object.assign(this, { input, ask, ontake, active: -1, choices: [], asked: 0 });
    this.id = freshId('suggestions');
  }

  soon() {
    // What was offered for other words must not be taken in their place.
    if (this.box) this.mark(-1);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), PAUSE);
  }

  async load() {
    const turn = (this.asked += 1);
    const typed = this.input.value;
    const choices = await this.ask();
    if (turn !== this.asked || typed !== this.input.value || document.activeElement !== this.input) return;
    this.show(choices?.every((choice) => this.isTyped(choice)) ? [] : choices ?? []);
  }

  show(choices) {
    this.hide();
    if (!choices.length) return;
    this.choices = choices;
    const rows = choices.map((choice, at) => this.row(choice, at));
    const list = h('div', { role: 'listbox', id: this.id, 'aria-label': 'Suggestions' }, rows);
    this.box = h('div', { class: 'suggestions' }, list);
    this.input.closest('.field').append(this.box);
    this.input.setAttribute('aria-controls', this.id);
    if (this.input.value) this.mark(Math.max(0, choices.findIndex((choice) => this.isTyped(choice))));
  }

  isTyped(choice) {
    return String(choice.value) === this.input.value;
  }

  row(choice, at) {
    const attributes = { class: 'pickable', role: 'option', id: `${this.id}-${at}`, 'aria-selected': 'false' };
    const row = h('div', attributes, span('label', choice.name));
    row.addEventListener('pointerdown', (event) => { event.preventDefault(); this.take(at); });
    return row;
  }

  /** What was pressed must not move away before the pointer is up. */
  leave() {
    if (!pressed) this.hide();
    else document.addEventListener('pointerup', () => requestAnimationFrame(() => this.hide()), { once: true });
  }

  hide() {
    this.asked += 1;
    clearTimeout(this.timer);
    this.box?.remove();
    this.box = null;
    this.active = -1;
    this.input.removeAttribute('aria-activedescendant');
  }

  key(event) {
    if (!this.box) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) { event.preventDefault(); this.move(by); return; }
    if (event.key === 'Escape') { event.preventDefault(); event.stopImmediatePropagation(); this.hide(); return; }
    const chosen = this.choices[this.active];
    if (chosen && !this.isTyped(chosen) && (event.key === 'Enter' || event.key === 'Tab')) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.take(this.active);
    }
  }

  move(by) {
    const from = this.active < 0 && by < 0 ? 0 : this.active;
    this.mark((from + by + this.choices.length) % this.choices.length);
  }

  mark(at) {
    this.active = at;
    [...this.box.querySelectorAll('[role="option"]')].forEach((row, place) => {
      row.toggleAttribute('data-active', place === at);
      row.setAttribute('aria-selected', String(place === at));
      if (place === at) row.scrollIntoView({ block: 'nearest' });
    });
    if (at < 0) this.input.removeAttribute('aria-activedescendant');
    else this.input.setAttribute('aria-activedescendant', `${this.id}-${at}`);
  }

  take(at) {
    const choice = this.choices[at];
    this.hide();
    this.ontake(choice);
  }
}
