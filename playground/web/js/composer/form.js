import { button, div, freshId, h, icon, iconButton } from '../core/dom.js';
import { avatar } from '../core/people.js';
import { store } from '../core/store.js';
import { runCommand, suggest } from '../core/wire.js';
import { field } from '../controls/field.js';
import { FilesControl } from '../controls/files.js';
import { arrange } from '../core/arrange.js';
import { attachmentGroups, nest, OPTION } from './commands.js';
import { optionField } from './option-field.js';

const NOTHING_ELSE = 'This command needs nothing else. Press Enter to send it.';

/** The form of one command: its required options, and chips for the others. */
export class CommandForm {
  /**
   * @param {import('./commands.js').Leaf} leaf
   * @param {{onclose: () => void, onsend: (form: CommandForm) => void, again: (form: CommandForm) => void}} hooks
   */
  constructor(leaf, hooks) {
    this.leaf = leaf;
    this.hooks = hooks;
    this.fields = new Map();
    this.groups = attachmentGroups(leaf.options).map((options) => this.attachments(options));
    this.grid = h('div', { class: 'fields' });
    this.chips = h('div', { class: 'chips', role: 'group', 'aria-label': 'More options' });
    this.error = h('p', { class: 'form-error', role: 'alert', hidden: true });
    this.element = this.build();
    this.lay();
  }

  build() {
    const title = freshId('form');
    const head = div('form-head', avatar({ ...store.bot, bot: true }),
      div('form-title', h('h2', { id: title }, `/${this.leaf.name}`), h('p', {}, this.leaf.description)),
      iconButton('close', 'Close the form', { onclick: () => this.hooks.onclose() }));
    this.submitButton = button('Send', { style: 'primary', icon: 'send', type: 'submit' });
    this.submitButton.classList.add('submit');
    const foot = div('form-foot', this.error, this.chips, this.submitButton);
    const dataset = { command: this.leaf.name, state: 'open' };
    const attributes = { class: 'command-form', 'aria-labelledby': title, novalidate: true, dataset };
    const form = h('form', attributes, head, this.grid, foot);
    form.addEventListener('submit', (event) => { event.preventDefault(); this.submit(); });
    form.addEventListener('keydown', (event) => this.key(event));
    return form;
  }

  attachments(options) {
    const [first] = options;
    const least = options.filter((option) => option.required).length;
    const required = least > 0;
    const control = new FilesControl({
      max: options.length, min: least, slots: options.map((option) => option.name), label: first.name,
      onchange: () => group.check(true),
    });
    const label = options.length > 1 ? `${first.name}s` : first.name;
    const data = { group: first.name };
    const { element, input } = control;
    const box = field({ label, says: first.description, required, wide: true, data, control: element, input });
    const group = { options, control, element: box.element, shown: required };
    group.check = (quiet) => {
      const text = control.error(required);
      if (!quiet || !text) box.setError(text);
      return text;
    };
    group.focus = () => input.focus();
    return group;
  }

  /** Puts the fields that are shown into the grid and the chips for the rest below it. */
  lay() {
    const plain = this.leaf.options.filter((option) => option.type !== OPTION.ATTACHMENT);
    for (const option of plain) if (option.required && !this.fields.has(option.name)) this.show(option);
    const shown = plain.filter((option) => this.fields.has(option.name)).map((option) => this.fields.get(option.name));
    const wide = shown.filter((one) => 'wide' in one.element.dataset);
    const narrow = shown.filter((one) => !('wide' in one.element.dataset));
    const files = this.groups.filter((group) => group.shown);
    arrange(this.grid, [...wide, ...files, ...narrow].map((one) => one.element));
    const more = this.groups.filter((group) => !group.shown).map((group) => this.fileChip(group));
    const rest = plain.filter((option) => !this.fields.has(option.name)).map((option) => this.optionChip(option));
    this.chips.replaceChildren(...more, ...rest);
    if (!this.grid.children.length) this.grid.append(h('p', { class: 'says' }, NOTHING_ELSE));
  }

  show(option) {
    const onremove = option.required ? undefined : () => this.hide(option);
    const made = optionField(option, { onremove, ask: () => this.ask(option) });
    this.fields.set(option.name, made);
    return made;
  }

  hide(option) {
    this.fields.delete(option.name);
    this.lay();
    (this.chips.querySelector(`[data-option="${option.name}"]`) ?? this.submitButton).focus();
  }

  optionChip(option) {
    return chip(option, () => {
      const made = this.show(option);
      this.lay();
      made.element.scrollIntoView({ block: 'nearest' });
      made.open();
    });
  }

  fileChip(group) {
    return chip(group.options[0], () => {
      group.shown = true;
      this.lay();
      group.focus();
    });
  }

  key(event) {
    if (event.key === 'Escape' && !event.defaultPrevented) {
      event.preventDefault();
      event.stopPropagation();
      this.hooks.onclose();
      return;
    }
    if (event.key !== 'Enter' || event.isComposing || event.defaultPrevented || event.shiftKey) return;
    const typing = event.target.matches('textarea, input:not([type="file"])');
    if (typing || event.ctrlKey || event.metaKey || event.target === this.grid) {
      event.preventDefault();
      this.submit();
    }
  }

  /** Takes dropped or pasted files into the places that are free; returns whether it has any. */
  take(files) {
    let rest = files;
    for (const group of this.groups) {
      if (!rest.length) break;
      if (group.control.items.length < group.control.max && !group.shown) { group.shown = true; this.lay(); }
      rest = group.control.add(rest);
    }
    const left = rest.length === 1 ? 'One file was' : `${rest.length} files were`;
    if (rest.length && this.groups.length) this.say(`${left} left out: there is no more room.`);
    return this.groups.length > 0;
  }

  say(text) {
    this.error.hidden = !text;
    this.error.textContent = text ?? '';
  }

  /** The options as Discord wants them; attachments by the ids of their uploads. */
  async options() {
    const plain = this.leaf.options.filter((option) => this.fields.has(option.name))
      .map((option) => ({ name: option.name, type: option.type, value: this.fields.get(option.name).read() }));
    const files = await Promise.all(this.groups.map(async (group) => (await group.control.ids())
      .map((id, at) => ({ name: group.options[at].name, type: OPTION.ATTACHMENT, value: id }))));
    const given = new Map(
      [...plain, ...files.flat()].filter((one) => one.value !== undefined).map((one) => [one.name, one])
    );
    return this.leaf.options.map((option) => given.get(option.name)).filter(Boolean);
  }

  async ask(option) {
    const options = (await this.options()).filter((one) => one.name !== option.name);
    const value = this.fields.get(option.name)?.read() ?? '';
    return suggest({
      commandId: this.leaf.command.id,
      options: nest(this.leaf, [...options, { name: option.name, type: option.type, value, focused: true }]),
    });
  }

  /** The first field that is not as it should be gets focus and says so. */
  invalid() {
    const all = [...this.fields.values(), ...this.groups.filter((group) => group.shown)];
    const wrong = all.filter((one) => one.check());
    wrong.sort((a, b) => (a.element.compareDocumentPosition(b.element) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
    wrong[0]?.element.scrollIntoView({ block: 'nearest' });
    wrong[0]?.focus();
    return wrong.length > 0;
  }

  async submit() {
    if (this.element.dataset.state === 'sending' || this.invalid()) return;
    this.element.dataset.state = 'sending';
    this.submitButton.dataset.state = 'pending';
    const options = nest(this.leaf, await this.options());
    const late = this.groups.some((group) => group.check());
    this.element.dataset.state = 'open';
    delete this.submitButton.dataset.state;
    if (late) return;
    this.hooks.onsend(this);
    runCommand({
      commandId: this.commandId(), title: `/${this.leaf.name}`, options, again: () => this.hooks.again(this),
    });
  }

  /** The bot may have registered its commands again since the form was opened. */
  commandId() {
    const { name, id } = this.leaf.command;
    return store.commands.find((command) => command.name === name && (command.type ?? 1) === 1)?.id ?? id;
  }

  focus() {
    const required = [...this.fields.values()].find((one) => one.option.required);
    const first = required ?? this.groups.find((group) => group.shown);
    (first ?? { focus: () => this.submitButton.focus() }).focus();
  }

  set(name, value) {
    const option = this.leaf.options.find((one) => one.name === name);
    if (!option) return;
    if (!this.fields.has(name)) { this.show(option); this.lay(); }
    this.fields.get(name).set(value);
  }
}

function chip({ name, description }, onclick) {
  const dataset = { option: name, tip: description };
  const attributes = { type: 'button', class: 'chip', dataset, 'aria-label': `Add the option ${name}`, onclick };
  return h('button', attributes, icon('plus'), name);
}
