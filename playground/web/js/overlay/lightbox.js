import { div, h, icon, iconButton } from '../core/dom.js';
import { avatar, nameOf } from '../core/people.js';
import { fullDate } from '../core/time.js';
import { openDialog } from './dialog.js';

/**
 * Shows pictures large, one at a time: arrows step, Esc closes, a press switches to the true size.
 *
 * @param {{url: string, alt: string, name: string}[]} pictures
 * @param {number} at which one first
 * @param {object} message whose they are
 */
export function openLightbox(pictures, at, message) {
  const box = new Lightbox(pictures, message);
  openDialog(box.dialog);
  box.show(at);
}

class Lightbox {
  constructor(pictures, message) {
    this.pictures = pictures;
    this.stage = h('div', { class: 'stage' });
    this.caption = h('p', { 'aria-live': 'polite' });
    const chips = pictures.map((picture, at) => this.chip(picture, at));
    this.strip = h('div', { class: 'strip', hidden: pictures.length < 2 }, chips);
    this.count = h('span', {});
    this.original = iconLink('external', 'Open the original', { target: '_blank', rel: 'noopener noreferrer' });
    this.download = iconLink('download', 'Download');
    const close = iconButton('close', 'Close', { onclick: () => this.dialog.close() });
    const header = h('header', {}, this.from(message), this.original, this.download, close);
    const footer = h('footer', {}, this.caption, this.strip);
    this.dialog = h('dialog', { class: 'lightbox', 'aria-label': 'Picture' }, header, this.stage, footer);
    this.dialog.addEventListener('keydown', (event) => this.key(event));
    this.stage.addEventListener('click', (event) => this.press(event));
  }

  from(message) {
    const when = h('small', {}, `${fullDate(message.timestamp)} `, this.count);
    return div('from', avatar(message.author), h('div', {}, h('b', {}, nameOf(message.author)), when));
  }

  chip(picture, at) {
    const attributes = { type: 'button', 'aria-label': `Picture ${at + 1}`, onclick: () => this.show(at) };
    return h('button', attributes, h('img', { src: picture.url, alt: '' }));
  }

  show(at) {
    this.at = (at + this.pictures.length) % this.pictures.length;
    const picture = this.pictures[this.at];
    delete this.stage.dataset.zoomed;
    this.image = h('img', { src: picture.url, alt: picture.alt || picture.name, class: 'clear-through' });
    this.image.addEventListener('load', () => this.fit());
    const steps = this.pictures.length > 1 ? [
      this.step(-1, 'left', 'Previous picture'), this.step(1, 'right', 'Next picture'),
    ] : [];
    this.stage.replaceChildren(this.image, ...steps);
    this.caption.textContent = picture.alt || '';
    this.count.textContent = this.pictures.length > 1 ? `· ${this.at + 1} of ${this.pictures.length}` : '';
    this.original.href = picture.url;
    this.download.href = picture.url;
    this.download.setAttribute('download', picture.name);
    [...this.strip.children].forEach((chip, index) => chip.toggleAttribute('aria-current', index === this.at));
    this.strip.children[this.at]?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }

  /** Pictures fill the stage in their own shape, but are not blown up beyond half again their size. */
  fit() {
    const { naturalWidth: width, naturalHeight: height } = this.image;
    this.image.style.setProperty('--ratio', String(width / height));
    this.image.style.setProperty('--large', `${width * 1.5}px`);
  }

  step(by, drawing, label) {
    return iconButton(drawing, label, { class: 'step', dataset: { step: String(by) }, onclick: () => this.move(by) });
  }

  move(by) {
    this.show(this.at + by);
    this.stage.querySelector(`[data-step="${by}"]`)?.focus();
  }

  press(event) {
    if (event.target === this.image) this.stage.toggleAttribute('data-zoomed');
    else if (event.target === this.stage) this.dialog.close();
  }

  key(event) {
    this.image.addEventListener('load', () => this.fit());
    const steps = { ArrowLeft: -1, ArrowRight: 1 };
    if (event.key in steps && this.pictures.length > 1) {
      event.preventDefault();
      this.show(this.at + steps[event.key]);
    }
  }
}

function iconLink(drawing, label, props = {}) {
  return h('a', { class: 'icon-button', 'aria-label': label, dataset: { tip: label }, ...props }, icon(drawing));
}
