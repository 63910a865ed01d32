import { div, fill, h, icon, span } from '../core/dom.js';
import { section } from './parts.js';

const OUTCOMES = [
  ['fail', 'fails', 'The job ends as failed; nothing may be charged.'],
  ['moderated', 'is moderated', 'Refused at the end of its work.'],
  ['refuse', 'is refused', 'The prompt is refused before it starts.'],
  ['no_credits', 'has no credits', 'The provider says that the balance is too low.'],
  ['lose_reply', 'loses its reply', 'It is accepted, but the bot never hears so.'],
  ['slow', 'is slow', 'Ten times as long as others; the card says so.'],
  ['rate_limited', 'meets the limit', 'Answered with 429; the bot waits and tries again.'],
  ['error_500', 'meets an error', 'Answered with 500; nobody knows whether it ran.'],
  ['fewer_images', 'makes fewer', 'One image less than asked; charged in proportion.'],
  ['no_images', 'makes none', 'Completed without an image: a failure.'],
  ['missing_result', 'loses its image', 'Finished, but the file is gone.'],
  ['model_gone', 'has no model', 'The model has left the catalogue.'],
];
const NAMES = Object.fromEntries(OUTCOMES.map(([key, label]) => [key, label]));

/** What happens to the next jobs: a queue that is used up, or one thing for all. */
export class Outcomes {
  /** @param {(change: {next?: string[], always?: string|null}) => void} set */
  constructor(set) {
    this.set = set;
    this.next = [];
    this.buttons = OUTCOMES.map(([key, label, says]) => this.button(key, label, says));
    this.queue = h('div', { class: 'queue', role: 'status' });
    this.every = h('input', { type: 'checkbox', dataset: { switch: 'always' } });
    this.every.addEventListener('change', () => { if (!this.every.checked) set({ always: null }); });
    this.element = section(
      'The next job …',
      'Press one, or several in a row, then send a command. Each is used up once. '
        + 'The card must say what happened and what it cost.',
      div('outcomes', this.buttons),
      this.queue,
      h('label', { class: 'says tick-row' }, this.every, 'Every job from now on, until this is unticked'),
    );
  }

  button(key, label, says) {
    const dataset = { outcome: key };
    const onclick = () => this.plan(key);
    return h('button', { type: 'button', class: 'outcome', 'aria-pressed': 'false', dataset, onclick },
      label, h('small', {}, says));
  }

  plan(key) {
    this.set(this.every.checked ? { always: key } : { next: [...this.next, key] });
  }

  takeBack(at) {
    this.set({ next: this.next.filter((_, index) => index !== at) });
  }

  show({ next = [], always = null }) {
    this.next = next;
    if (always) this.every.checked = true;
    for (const button of this.buttons) {
      const { outcome } = button.dataset;
      button.setAttribute('aria-pressed', String(outcome === always || next.includes(outcome)));
    }
    const signature = JSON.stringify([next, always]);
    if (signature === this.signature) return;
    this.signature = signature;
    fill(this.queue, always && span('', `Every job ${NAMES[always] ?? always}.`), next.map((key, at) => this.chip(key, at)));
  }

  chip(key, at) {
    const label = NAMES[key] ?? key;
    const onclick = () => this.takeBack(at);
    return h('button', { type: 'button', class: 'chip', 'aria-label': `Take back: ${label}`, onclick },
      `${at + 1}. ${label}`, icon('close'));
  }
}
