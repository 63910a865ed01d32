import { div, fill, h, icon, iconButton, span } from '../core/dom.js';
import { upload } from '../core/http.js';
import { size } from '../core/time.js';

const MANY = 4;

export const SAMPLES = [
  ['cat.jpg', 'a cat'], ['coffee.jpg', 'a cup of coffee'], ['rocket.jpg', 'a rocket at night'],
  ['astronaut.jpg', 'an astronaut'], ['galaxies.jpg', 'distant galaxies'],
];

/** A file that is being, or has been, uploaded. `done` resolves once it is known which. */
export class Upload {
  constructor(file, onchange) {
    this.file = file;
    this.state = 'uploading';
    this.preview = file.type.startsWith('image/') ? URL.createObjectURL(file) : null;
    this.done = this.start(onchange);
  }

  async start(onchange) {
    try {
      this.info = await upload(this.file);
      this.state = 'ready';
    } catch (error) {
      this.state = 'failed';
      this.error = error.message;
    }
    onchange();
  }

  release() {
    if (this.preview) URL.revokeObjectURL(this.preview);
  }
}

/** One of the photographs that come with the playground, as a file. */
export async function sampleFile(name) {
  const response = await fetch(`/assets/samples/${name}`);
  if (!response.ok) throw new Error(`The sample ${name} is missing.`);
  return new File([await response.blob()], name, { type: 'image/jpeg' });
}

/** How one file looks before it is sent. */
export function uploadCard(item, { slot, onremove }) {
  const text = item.state === 'failed' ? item.error : item.state === 'uploading' ? 'Uploading…' : facts(item);
  const busy = item.state === 'uploading' && h('span', { class: 'spinner' });
  return h('figure', { class: 'upload', dataset: { state: item.state, option: slot, name: item.file.name } },
    slot && span('slot-name', slot),
    iconButton('close', `Remove ${item.file.name}`, { class: 'remove', onclick: onremove }),
    div('preview', item.preview ? h('img', { src: item.preview, alt: '' }) : icon('file'), busy),
    h('figcaption', {}, h('b', { title: item.file.name }, item.file.name), h('small', {}, text)));
}

function facts(item) {
  const { width, height } = item.info;
  return [width && height && `${width} × ${height}`, size(item.file.size)].filter(Boolean).join(' · ');
}

/**
 * A row of files: dropped, pasted, chosen or sampled; in the order in which they came.
 *
 * @param {object} options
 * @param {number} options.max
 * @param {number} [options.min]
 * @param {string[]} [options.slots] names of the places, for a command's options image, image2 …
 * @param {boolean} [options.samples] whether to offer the sample photographs
 * @param {string} options.label
 * @param {() => void} [options.onchange]
 */
export class FilesControl {
  constructor({ max, min = 0, slots = [], samples = true, label, onchange }) {
    Object.assign(this, { max, min, slots, label, onchange });
    this.items = [];
    this.input = h('input', { type: 'file', class: 'visually-hidden', multiple: max > 1, 'aria-label': label });
    this.input.addEventListener('change', () => { this.add([...this.input.files]); this.input.value = ''; });
    this.row = h('div', { class: 'slots' });
    this.samples = samples && div('samples', 'or try a sample', SAMPLES.map(([name, what]) => this.sample(name, what)));
    this.element = h('div', { class: 'files', role: 'group', 'aria-label': label }, this.row, this.samples);
    this.draw();
  }

  sample(name, what) {
    return h('button', {
      type: 'button', 'aria-label': `Use the sample: ${what}`, dataset: { sample: name, tip: `A sample: ${what}` },
      onclick: () => this.addSample(name),
    }, h('img', { src: `/assets/samples/${name}`, alt: '', loading: 'lazy' }));
  }

  async addSample(name) {
    this.add([await sampleFile(name)]);
  }

  /** Takes as many files as there is room for; returns those that are left over. */
  add(files) {
    const room = this.max - this.items.length;
    for (const file of files.slice(0, room)) this.items.push(new Upload(file, () => this.changed()));
    this.changed();
    return files.slice(room);
  }

  remove(item) {
    item.release();
    this.items = this.items.filter((one) => one !== item);
    this.changed();
    this.input.focus();
  }

  changed() {
    this.draw();
    this.onchange?.();
  }

  draw() {
    const card = (item, at) => uploadCard(item, { slot: this.slots[at], onremove: () => this.remove(item) });
    this.row.dataset.count = String(this.items.length);
    this.row.toggleAttribute('data-many', this.items.length >= MANY);
    fill(this.row, this.items.map(card), this.items.length < this.max && this.place());
    if (this.samples) this.samples.hidden = this.items.length >= this.max;
  }

  place() {
    const slot = this.slots[this.items.length];
    const first = this.items.length === 0;
    const what = h('b', {}, first ? 'Drop, paste or choose a picture' : `Add ${slot ?? 'another'}`);
    const text = h('span', {}, what, first && h('span', {}, this.limits()));
    return h('label', { class: 'add-file', dataset: { option: slot } }, this.input, icon(first ? 'image' : 'plus'), text);
  }

  limits() {
    if (this.max === 1) return 'One file';
    return this.min > 1 ? `${this.min} to ${this.max} files` : `Up to ${this.max}; several at once are put in order`;
  }

  error(required) {
    if (this.items.some((item) => item.state === 'failed')) return 'Remove the file that could not be uploaded.';
    const least = Math.max(this.min, required ? 1 : 0);
    if (this.items.length < least) return least === 1 ? 'Please add a file.' : `At least ${least} files, please.`;
    return null;
  }

  /** Waits for the uploads; resolves with their ids, in order. */
  async ids() {
    await Promise.all(this.items.map((item) => item.done));
    return this.items.map((item) => item.info?.id);
  }
}
