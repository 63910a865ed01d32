import { button, div, freshId, h, icon, span } from '../core/dom.js';
import { openPopup } from './popup.js';

/**
 * @typedef {object} Choice
 * @property {string} value
 * @property {string} label
 * @property {string} [note]
 * @property {() => Node} [face] an avatar, a dot or an emoji
 */

/**
 * Opens a list to pick from, with a field that filters it when it is long. One pick closes it; of several, "Done" does.
 *
 * @param {object} options
 * @param {HTMLElement} options.anchor
 * @param {Choice[]} options.choices
 * @param {string[]} options.selected values
 * @param {number} [options.min] fewest picks
 * @param {number} [options.max] most picks
 * @param {string} options.label read out
 * @param {(values: string[]) => void} options.onpick
 */
export function openListbox({ anchor, choices, selected, min = 0, max = 1, label, onpick }) {
  const list = new Listbox({ choices, selected, min, max, label });
  anchor.setAttribute('aria-controls', list.id);
  const popup = openPopup({ anchor, content: list.content(), kind: 'listbox', onclose: () => list.settle(onpick) });
  popup.box.style.width = `${Math.max(220, anchor.offsetWidth)}px`;
  popup.reposition();
  list.close = popup.close;
  popup.box.addEventListener('keydown', (event) => list.key(event));
  list.start();
  return popup;
}

class Listbox {
  constructor({ choices, selected, min, max, label }) {
    Object.assign(this, { choices, min, max, label, many: max > 1 });
    this.picked = new Set(selected);
    this.first = [...selected].join('\n');
    this.shown = choices;
    this.active = Math.max(0, choices.findIndex((choice) => this.picked.has(choice.value)));
    this.id = freshId('list');
    this.list = h('div', {
      role: 'listbox', id: this.id, 'aria-label': label, 'aria-multiselectable': this.many ? 'true' : null,
      tabindex: '0',
    });
    this.search = choices.length > 7 && h('input', {
      type: 'text', placeholder: 'Search', 'aria-label': `Search ${label}`, 'aria-controls': this.id,
      autocomplete: 'off',
      oninput: () => this.filter(),
    });
    this.done = this.many && button('Done', { style: 'primary', onclick: () => this.close() });
  }

  content() {
    this.render();
    return [
      this.search && div('find', icon('search'), this.search),
      this.list,
      this.done && div('done', this.done),
    ];
  }

  start() {
    (this.search || this.list).focus();
    this.mark();
  }

  filter() {
    const query = this.search.value.trim().toLowerCase();
    this.shown = this.choices.filter((choice) => `${choice.label} ${choice.note ?? ''}`.toLowerCase().includes(query));
    this.active = 0;
    this.render();
    this.mark();
  }

  render() {
    const rows = this.shown.map((choice, at) => this.row(choice, at));
    this.list.replaceChildren(...(rows.length ? rows : [h('p', { class: 'none' }, 'Nothing here by that name.')]));
  }

  row(choice, at) {
    return h('div', {
      class: 'pickable', role: 'option', id: `${this.id}-${at}`, 'aria-selected': String(this.picked.has(choice.value)),
      dataset: { value: choice.value }, onclick: () => this.pick(choice), onpointermove: () => {
        if (this.active !== at) { this.active = at; this.mark(false); }
      },
    }, choice.face?.(), span('label', choice.label, choice.note && h('small', {}, choice.note)),
    this.many ? span('box-mark', icon('check')) : icon('check'));
  }

  mark(scroll = true) {
    for (const row of this.list.children) delete row.dataset.active;
    const row = this.list.children[this.active];
    if (!row) return;
    row.dataset.active = '';
    if (scroll) row.scrollIntoView({ block: 'nearest' });
    (this.search || this.list).setAttribute('aria-activedescendant', row.id);
  }

  key(event) {
    const last = this.shown.length - 1;
    const moves = { ArrowDown: Math.min(last, this.active + 1), ArrowUp: Math.max(0, this.active - 1) };
    if (event.target !== this.search) Object.assign(moves, { Home: 0, End: last });
    if (event.key in moves) { event.preventDefault(); this.active = moves[event.key]; this.mark(); return; }
    if (event.target === this.done) return;
    const chooses = event.key === 'Enter' || (event.key === ' ' && event.target !== this.search);
    if (chooses && this.shown[this.active]) { event.preventDefault(); this.pick(this.shown[this.active]); }
    if (event.key === 'Tab' && !this.many) { event.preventDefault(); this.close(); }
  }

  pick(choice) {
    if (!this.many) { this.picked = new Set([choice.value]); this.chosen = true; this.close(); return; }
    if (this.picked.has(choice.value)) this.picked.delete(choice.value);
    else if (this.picked.size < this.max) this.picked.add(choice.value);
    this.render();
    this.mark();
  }

  /** When the list closes: tells what was picked, if that is something new and enough. */
  settle(onpick) {
    const values = this.choices.map((choice) => choice.value).filter((value) => this.picked.has(value));
    const changed = values.join('\n') !== this.first;
    if (this.chosen || (this.many && changed && values.length >= this.min)) onpick(values);
  }
}
