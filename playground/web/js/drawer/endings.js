import { field } from '../controls/field.js';
import { numberControl, numberError } from '../controls/number.js';
import { picker } from '../controls/picker.js';
import { segments } from '../controls/segments.js';
import { div, fill, h, icon } from '../core/dom.js';
import { credits } from './jobs.js';
import { section } from './parts.js';

/** By the name of their switch: what a button says, what it means, and what is said of a model while it is on. */
const ENDINGS = {
  dead_jobs: ['fails its jobs', 'Still in the catalogue. A job is taken, and fails within a second.', 'fails its jobs'],
  dead_runs: ['turns jobs away', 'Still in the catalogue, but no job is taken.', 'turns jobs away'],
  delist: ['disappears', 'Gone from the catalogue, and no job is taken.', 'has disappeared'],
  remap: ['is swapped quietly', 'Another model answers in its name, at another price.', 'has another price'],
};
const WORDINGS = [
  { value: 'object', label: '“has been deprecated”', note: 'An error with a code, as OpenAI gives it' },
  { value: 'string', label: '“is no longer accessible”', note: 'One sentence' },
  { value: 'list', label: '“does not exist”', note: 'A list of errors' },
  { value: 'nested', label: '“is no longer supported”', note: 'An error inside another, as a reseller gave it' },
];
const STATUSES = [{ value: 404, label: '404, not found' }, { value: 400, label: '400, bad request' }];
const DEFAULTS = { dead_jobs: 'object', dead_runs: 'object' };
const DEARER = 2;
const FIRST = 'gpt-image-1-5-edit';
const SAYS = 'OpenAI ends GPT-Image 1.5 on 1 December 2026. What PixelDojo does then is not known. Press what you want '
  + 'to see, then send commands: pictures must keep coming, from another model if need be. Press again, and the model '
  + 'answers as before.';

/** How a model ends, and what the provider says of it. */
export class Endings {
  /** @param {(change: Object<string, any>) => void} set */
  constructor(set) {
    this.set = set;
    this.model = FIRST;
    this.models = [];
    this.switches = {};
    this.chooser = div('ending-model');
    this.buttons = Object.keys(ENDINGS).map((key) => this.button(key));
    this.details = div('ending-details');
    this.ended = h('div', { class: 'ended', role: 'status' });
    this.element = section(
      'When a model ends, it …', SAYS, this.chooser, div('outcomes', this.buttons), this.details, this.ended,
    );
  }

  button(key) {
    const [label, says] = ENDINGS[key];
    const onclick = () => this.toggle(key);
    return h('button', { type: 'button', class: 'outcome', 'aria-pressed': 'false', dataset: { ending: key }, onclick },
      label, h('small', {}, says));
  }

  toggle(key) {
    if (key === this.endingOf(this.model)) this.end(this.model, null);
    else this.end(this.model, key, DEFAULTS[key] ?? this.cost() + DEARER);
  }

  /** Ends a model in one way and in no other; without a way, lets it answer again. */
  end(model, key, value) {
    const change = Object.fromEntries(Object.keys(ENDINGS).map((name) => [name, this.without(name, model)]));
    if (key === 'delist') change.delist.push(model);
    else if (key) change[key][model] = value;
    this.set(change);
  }

  without(name, model) {
    const now = this.switches[name];
    if (name === 'delist') return (now ?? []).filter((one) => one !== model);
    return Object.fromEntries(Object.entries(now ?? {}).filter(([one]) => one !== model));
  }

  endingOf(model) {
    const isOn = (name) => (name === 'delist' ? this.switches.delist?.includes(model) : model in (this.switches[name] ?? {}));
    return ['delist', 'dead_runs', 'dead_jobs', 'remap'].find(isOn);
  }

  cost() {
    return this.models.find((model) => model.id === this.model)?.cost ?? 0;
  }

  show(switches, models = []) {
    this.switches = switches;
    const signature = JSON.stringify([models, Object.keys(ENDINGS).map((name) => switches[name])]);
    if (signature === this.signature) return;
    this.signature = signature;
    this.models = models;
    if (!this.chooser.hasChildNodes() && models.length) fill(this.chooser, this.choose());
    this.draw();
  }

  choose() {
    const onchange = ([model]) => { this.model = model; this.draw(); };
    const choices = () => this.models.map(({ id, name, cost }) => {
      const ending = this.endingOf(id);
      return { value: id, label: name, note: ending ? ENDINGS[ending][2] : `${credits(cost)} credits an image` };
    });
    return picker({ choices, label: 'Model', selected: [this.model], onchange }).element;
  }

  draw() {
    const ending = this.endingOf(this.model);
    for (const button of this.buttons) button.setAttribute('aria-pressed', String(button.dataset.ending === ending));
    const ended = this.models.filter(({ id }) => this.endingOf(id));
    fill(this.ended, ended.map((model) => this.chip(model)));
    const drawn = `${this.model} ${ending}`;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    fill(this.details, ending && this.more(ending));
  }

  chip({ id, name }) {
    const onclick = () => this.end(id, null);
    return h('button', { type: 'button', class: 'chip', 'aria-label': `Let ${name} answer again`, onclick },
      `${name} ${ENDINGS[this.endingOf(id)][2]}`, icon('close'));
  }

  more(ending) {
    if (ending === 'remap') return this.price();
    return [ending !== 'delist' && this.wording(ending), ending === 'dead_runs' && this.status()];
  }

  wording(ending) {
    const onchange = ([value]) => this.end(this.model, ending, value);
    const selected = [this.switches[ending][this.model]];
    const control = picker({ choices: () => WORDINGS, label: 'PixelDojo says', selected, onchange });
    return field({ label: 'PixelDojo says that it …', control: control.element, input: control.input }).element;
  }

  status() {
    const onchange = () => this.set({ dead_status: control.value() });
    const control = segments({ label: 'Answered with', choices: STATUSES, value: this.switches.dead_status, onchange });
    return field({ label: 'Answered with', control: control.element, input: control.input }).element;
  }

  price() {
    const limits = { required: true, whole: false, min: 0, max: 100 };
    const oninput = () => {
      const price = control.value();
      const error = numberError(price, limits);
      shown.setError(error);
      if (!error) this.end(this.model, 'remap', price);
    };
    const control = numberControl({ ...limits, oninput });
    control.set(this.switches.remap[this.model]);
    const says = `${credits(this.cost())} in the catalogue`;
    const shown = field({ label: 'Credits an image', says, control: control.element, input: control.input });
    return shown.element;
  }
}
