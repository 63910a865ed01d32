import { div, fill, h, icon, iconButton } from '../core/dom.js';
import { avatar, me, nameOf } from '../core/people.js';
import { store } from '../core/store.js';
import { say } from '../core/wire.js';
import { Upload, uploadCard } from '../controls/files.js';
import { toast } from '../overlay/toast.js';
import { leaves } from './commands.js';
import { CommandForm } from './form.js';
import { Palette } from './palette.js';

const LONGEST = 2000;
const MOST_FILES = 10;

/** The box at the bottom: for messages, for commands, and for the form of the command that was chosen. */
export class Composer {
  /** @param {{onswitch: (anchor: HTMLElement) => void, onmoderator: () => void}} hooks */
  constructor(root, hooks) {
    this.root = root;
    this.hooks = hooks;
    this.files = [];
    this.form = null;
    this.last = null;
    this.palette = new Palette({
      onchoose: (leaf) => this.choose(leaf), onmoderator: () => hooks.onmoderator(), onactive: (id) => this.point(id),
    });
    this.build();
    for (const topic of ['hello', 'channel', 'commands']) store.on(topic, () => this.refresh());
    store.on('hello', ({ changed }) => { if (changed) this.closeForm(); });
    store.on('channel', () => { this.closeForm(); this.replyTo(null); });
    store.on('messages', ({ kind, id }) => { if (kind === 'delete' && id === this.answered?.id) this.replyTo(null); });
  }

  build() {
    this.input = h('textarea', {
      id: 'message-box', rows: '1', 'aria-label': 'Message', 'aria-autocomplete': 'list', autocomplete: 'off',
    });
    this.you = h('button', { type: 'button', class: 'you', onclick: () => this.hooks.onswitch(this.you) });
    this.picker = h('input', { type: 'file', multiple: true, hidden: true, dataset: { role: 'message-files' } });
    this.send = iconButton('send', 'Send the message', { class: 'send', disabled: true, onclick: () => this.post() });
    this.reply = h('div', { class: 'replying', hidden: true });
    this.tray = h('div', { class: 'tray', hidden: true, 'aria-label': 'Files to send', role: 'group' });
    this.note = h('p', { class: 'box-note', hidden: true });
    const add = iconButton('plus', 'Add files', { onclick: () => this.picker.click() });
    const command = iconButton('slash', 'Use a command', { onclick: () => this.startCommand() });
    const row = div('box-row', add, this.picker, this.input, command, this.you, this.send);
    this.box = div('box', this.reply, this.tray, row, this.note);
    this.root.append(this.palette.element, this.box);
    this.input.addEventListener('input', () => this.typed());
    this.input.addEventListener('keydown', (event) => this.key(event));
    this.input.addEventListener('blur', () => this.palette.hide());
    this.wide = 0;
    new ResizeObserver(([{ contentRect }]) => this.fit(contentRect.width)).observe(this.root);
    this.picker.addEventListener('change', () => { this.attach([...this.picker.files]); this.picker.value = ''; });
  }

  refresh() {
    const channel = store.channel();
    if (!channel) return;
    const where = channel.type === 1 ? `@${store.bot.name}` : `#${channel.name}`;
    const narrow = this.root.clientWidth < 480;
    this.input.placeholder = `Message ${where}${narrow ? '' : ` as ${nameOf(me())}, or type / for commands`}`;
    this.input.setAttribute('aria-label', `Message ${where}`);
    this.you.setAttribute('aria-label', `You are ${nameOf(me())}. Be somebody else.`);
    this.you.dataset.tip = `You are ${nameOf(me())}`;
    fill(this.you, avatar(me()));
    if (this.palette.isOpen) this.typed();
  }

  point(id) {
    if (id && this.palette.isOpen) {
      this.input.setAttribute('aria-activedescendant', id);
      this.input.setAttribute('aria-controls', this.palette.id);
    } else this.input.removeAttribute('aria-activedescendant');
  }

  typed() {
    const text = this.input.value;
    this.grow();
    const exact = text.startsWith('/') && this.palette.exact(text.slice(1));
    if (exact) { this.choose(exact.leaf, exact.rest); return; }
    if (/^\/[\w -]*$/.test(text)) this.palette.show(text.slice(1));
    else this.palette.hide();
    this.check();
  }

  /** What fits into a line, words of its own or the hint, changes with the width. */
  fit(width) {
    if (width === this.wide) return;
    this.wide = width;
    this.refresh();
    this.grow();
  }

  grow() {
    this.input.style.height = 'auto';
    this.input.style.height = `${Math.min(220, this.input.scrollHeight)}px`;
  }

  check() {
    const length = [...this.input.value].length;
    const near = length > LONGEST - 300;
    this.note.hidden = !near;
    this.note.dataset.kind = length > LONGEST ? 'error' : 'count';
    this.note.textContent = length > LONGEST
      ? `A message holds ${LONGEST} characters: ${length - LONGEST} too many.`
      : `${LONGEST - length} left`;
    this.send.disabled = !(this.input.value.trim() || this.files.length) || length > LONGEST;
  }

  key(event) {
    if (event.isComposing) return;
    if (this.palette.isOpen && this.palette.key(event)) { event.preventDefault(); event.stopPropagation(); return; }
    if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); this.post(); return; }
    if (event.key === 'Escape' && this.answered) { event.preventDefault(); this.replyTo(null); return; }
    if (event.key === 'ArrowUp' && !this.input.value && this.last) { event.preventDefault(); this.openForm(this.last); }
  }

  startCommand() {
    this.input.value = '/';
    this.input.focus();
    this.typed();
  }

  /** Opens the form of a command by its name; undefined where it cannot be used. */
  use(name) {
    const leaf = this.palette.here().find((one) => one.name === name);
    return leaf && this.choose(leaf);
  }

  choose(leaf, rest = '') {
    this.input.value = '';
    this.grow();
    this.check();
    this.palette.hide();
    const form = new CommandForm(leaf, {
      onclose: () => this.closeForm(true), onsend: (sent) => this.sent(sent), again: (old) => this.openForm(old),
    });
    const first = leaf.options.find((option) => option.type === 3 && option.required && !option.choices);
    if (rest && first) form.set(first.name, rest);
    if (this.files.length && form.take(this.files.map((item) => item.file))) this.clearFiles();
    this.openForm(form);
    return form;
  }

  openForm(form) {
    if (!leaves(store.commands).some((leaf) => leaf.name === form.leaf.name)) {
      toast({ title: 'This command is gone', text: 'The bot no longer registers it.', kind: 'error' });
      return;
    }
    this.form = form;
    this.box.hidden = true;
    this.shell?.remove();
    this.shell = div('box form-box', form.element);
    this.root.append(this.shell);
    form.focus();
  }

  closeForm(focus = false) {
    if (!this.form) return;
    this.last = this.form;
    this.form = null;
    this.shell.remove();
    this.box.hidden = false;
    if (focus) this.input.focus();
  }

  sent(form) {
    this.closeForm(true);
    this.last = form;
  }

  /** The next message replies to this one; null: to none. */
  replyTo(message) {
    this.answered = message;
    this.reply.hidden = !message;
    if (!message) return;
    const leave = iconButton('close', 'Do not reply', { onclick: () => { this.replyTo(null); this.input.focus(); } });
    fill(this.reply, icon('reply'), h('span', {}, 'Replying to ', h('b', {}, nameOf(message.author))), leave);
    this.closeForm();
    this.input.focus();
  }

  /** Takes files from anywhere on the page: into the open form, or beside the message. */
  attach(files) {
    if (!files.length) return;
    if (this.form) { this.form.take(files); return; }
    const room = MOST_FILES - this.files.length;
    if (files.length > room) toast({ title: `A message takes ${MOST_FILES} files`, kind: 'error' });
    for (const file of files.slice(0, room)) this.files.push(new Upload(file, () => this.drawTray()));
    this.drawTray();
    this.input.focus();
  }

  drawTray() {
    this.tray.hidden = this.files.length === 0;
    fill(this.tray, this.files.map((item) => uploadCard(item, { onremove: () => this.detach(item) })));
    this.check();
  }

  detach(item) {
    item.release();
    this.files = this.files.filter((one) => one !== item);
    this.drawTray();
  }

  clearFiles() {
    for (const item of this.files) item.release();
    this.files = [];
    this.drawTray();
  }

  async post() {
    const content = this.input.value.trim();
    if (this.send.disabled || (!content && !this.files.length)) return;
    await Promise.all(this.files.map((item) => item.done));
    if (this.files.some((item) => item.state === 'failed')) {
      toast({ title: 'Remove the file that could not be uploaded', kind: 'error' });
      return;
    }
    if (!say(content, this.files.map((item) => item.info.id), this.answered?.id)) {
      toast({ title: 'Not sent', text: 'There is no connection right now.', kind: 'error' });
      return;
    }
    this.input.value = '';
    this.replyTo(null);
    this.clearFiles();
    this.grow();
    this.check();
  }
}
