import { button, div, dots, freshId, h, iconButton } from '../core/dom.js';
import { avatar } from '../core/people.js';
import { store } from '../core/store.js';
import { submitModal } from '../core/wire.js';
import { openDialog } from '../overlay/dialog.js';
import { closeAll } from '../overlay/popup.js';
import { modalPart } from './fields.js';

/** Opens the form that the bot answered with. */
export function openModal(data) {
  closeAll();
  document.querySelector('dialog.modal[open]')?.close();
  new Modal(data).open();
}

class Modal {
  constructor({ interaction_id: interactionId, custom_id: customId, title, components }) {
    this.interactionId = interactionId;
    this.parts = components.map(modalPart).filter(Boolean);
    const titleId = freshId('modal');
    this.error = h('p', { class: 'form-error', role: 'alert' });
    this.send = button('Submit', { style: 'primary', type: 'submit' });
    this.send.append(dots());
    this.dialog = h('dialog', { class: 'modal', 'aria-labelledby': titleId, dataset: { customId, state: 'open' } });
    const close = () => this.dialog.close();
    const head = h('h2', { id: titleId }, title);
    this.form = h('form', { novalidate: true },
      div('modal-head', avatar({ ...store.bot, bot: true }), head, iconButton('close', 'Close', { onclick: close })),
      div('modal-body', this.parts.map((part) => part.element)),
      div('modal-foot', this.error, button('Cancel', { style: 'quiet', onclick: close }), this.send));
    this.dialog.append(this.form);
    this.form.addEventListener('submit', (event) => { event.preventDefault(); this.submit(); });
    this.form.addEventListener('keydown', (event) => this.key(event));
    this.dialog.addEventListener('givefiles', (event) => this.take(event.detail));
  }

  open() {
    openDialog(this.dialog);
    (this.parts.find((part) => part.focus) ?? { focus: () => this.send.focus() }).focus();
  }

  key(event) {
    if (event.key !== 'Enter' || event.isComposing || event.defaultPrevented) return;
    const inText = event.target.matches('textarea');
    const short = inText && event.target.dataset.paragraph === undefined;
    if (event.ctrlKey || event.metaKey || (short && !event.shiftKey)) { event.preventDefault(); this.submit(); }
  }

  take(files) {
    let rest = files;
    for (const part of this.parts) if (part.take && rest.length) rest = part.take(rest);
  }

  async submit() {
    if (this.dialog.dataset.state === 'sending') return;
    const wrong = this.parts.filter((part) => part.check());
    if (wrong.length) {
      wrong[0].element.scrollIntoView({ block: 'nearest' });
      wrong[0].focus?.();
      return;
    }
    this.state('sending', '');
    const components = await Promise.all(this.parts.map((part) => part.submit()));
    // An upload can fail while it was waited for.
    if (this.parts.some((part) => part.check())) { this.state('open', ''); return; }
    const error = await submitModal(this.interactionId, components);
    if (error) this.state('failed', error);
    else this.dialog.close();
  }

  state(name, error) {
    this.dialog.dataset.state = name;
    this.send.dataset.state = name === 'sending' ? 'pending' : 'idle';
    this.error.textContent = error;
  }
}
