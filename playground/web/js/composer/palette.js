import { div, fill, freshId, h, span } from '../core/dom.js';
import { avatar, iModerate, nameOf } from '../core/people.js';
import { store } from '../core/store.js';
import { forModerators, leaves, matching, usable } from './commands.js';

/** The commands that can be used here, as they are typed after a slash. */
export class Palette {
  /** @param {{onchoose: (leaf: import('./commands.js').Leaf) => void, onmoderator: () => void}} hooks */
  constructor(hooks) {
    this.hooks = hooks;
    this.id = freshId('palette');
    this.element = h('div', { class: 'palette', hidden: true });
    this.element.addEventListener('pointerdown', (event) => event.preventDefault());
    this.active = 0;
    this.shown = [];
  }

  get isOpen() { return !this.element.hidden; }

  here() {
    const where = { direct: store.isDirect(), moderator: iModerate() };
    return leaves(store.commands).filter((leaf) => usable(leaf.command, where));
  }

  /** The command whose whole name was typed, with what follows it; undefined otherwise. */
  exact(typed) {
    const fitting = this.here().filter((leaf) => typed.startsWith(`${leaf.name} `));
    const [found] = fitting.sort((a, b) => b.name.length - a.name.length);
    return found && { leaf: found, rest: typed.slice(found.name.length + 1) };
  }

  show(typed) {
    this.shown = matching(this.here(), typed);
    this.active = 0;
    this.element.hidden = false;
    this.draw(typed.trim().toLowerCase());
  }

  hide() {
    this.element.hidden = true;
    this.element.replaceChildren();
    this.shown = [];
    this.hooks.onactive?.(null);
  }

  draw(query) {
    const rows = this.shown.map((leaf, at) => this.row(leaf, at, query));
    const list = h('div', { role: 'listbox', id: this.id, 'aria-label': 'Commands' }, rows);
    const none = h('p', { class: 'palette-none' }, this.nothing());
    const key = (name) => h('kbd', {}, name);
    const keys = span('keys', key('↑'), ' ', key('↓'), ' to choose, ', key('Enter'), ' to use');
    const title = h('h3', {}, avatar({ ...store.bot, bot: true }), store.bot.name);
    fill(this.element, title, rows.length ? list : none, div('palette-foot', keys, this.hidden()));
    this.mark();
  }

  /** Says how many commands are only listed for moderators, and offers to be one. */
  hidden() {
    const moderator = [...store.members.values()].find((member) => member.moderator);
    const count = leaves(store.commands).filter((leaf) => forModerators(leaf.command)).length;
    if (!moderator || !count || store.isDirect() || iModerate()) return null;
    const change = h('button', { type: 'button', onclick: () => this.hooks.onmoderator() }, `Switch to ${nameOf(moderator)}`);
    return span('', `${count} more for moderators. `, change);
  }

  nothing() {
    return store.commands.length
      ? 'No command by that name can be used here.'
      : `${store.bot.name} has not registered its commands yet. It does so when it starts.`;
  }

  row(leaf, at, query) {
    const name = h('b', {}, '/', highlight(leaf.name, query));
    const text = div('command-text', name, span('options', optionNames(leaf)), h('p', {}, leaf.description));
    const element = h('div', {
      class: 'command', role: 'option', id: `${this.id}-${at}`, 'aria-selected': 'false', dataset: { command: leaf.name },
    }, avatar({ ...store.bot, bot: true }), text);
    element.addEventListener('click', () => this.hooks.onchoose(leaf));
    element.addEventListener('pointermove', () => this.activate(at));
    return element;
  }

  activate(at) {
    if (this.active === at) return;
    this.active = at;
    this.mark();
  }

  mark() {
    const rows = [...this.element.querySelectorAll('[role="option"]')];
    rows.forEach((row, at) => row.setAttribute('aria-selected', String(at === this.active)));
    rows[this.active]?.scrollIntoView({ block: 'nearest' });
    this.hooks.onactive?.(rows[this.active]?.id);
  }

  /** Handles a key of the message box; true if it was for the list. */
  key(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && this.shown.length) {
      this.active = (this.active + by + this.shown.length) % this.shown.length;
      this.mark();
      return true;
    }
    if ((event.key === 'Enter' || event.key === 'Tab') && this.shown[this.active]) {
      this.hooks.onchoose(this.shown[this.active]);
      return true;
    }
    if (event.key === 'Escape') { this.hide(); return true; }
    return false;
  }
}

function highlight(name, query) {
  const at = query ? name.indexOf(query) : -1;
  if (at < 0) return name;
  const end = at + query.length;
  return [name.slice(0, at), h('mark', {}, name.slice(at, end)), name.slice(end)];
}

function optionNames(leaf) {
  const required = leaf.options.filter((option) => option.required).map((option) => h('i', {}, option.name));
  const more = leaf.options.length - required.length;
  return [required, more > 0 && `+${more} optional`];
}
