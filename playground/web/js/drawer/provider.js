import { div, fill, h } from '../core/dom.js';
import { get, post } from '../core/http.js';
import { Endings } from './endings.js';
import { credits, isRunning, jobCard } from './jobs.js';
import { Outcomes } from './outcomes.js';
import { action, attempt, section, switchRow } from './parts.js';

const REFILL = 1000;
const FOREIGN = 25;
const LARGE = 12 * 1024 * 1024;
const SHOWN_JOBS = 8;
const PACES = [0, 0.02, 0.1, 0.2, 0.5, 1, 3];

/** The stand-in PixelDojo: its balance, its jobs, and what happens to the next one. */
export class ProviderPanel {
  constructor() {
    this.balance = h('output', { 'aria-label': 'Balance' }, '–');
    this.jobs = h('div', { class: 'jobs' });
    this.finish = action('Finish the running ones now', 'finish', () => this.end(), { style: 'quiet' });
    this.outcomes = new Outcomes((change) => this.set(change));
    this.endings = new Endings((change) => this.set(change));
    this.large = switchRow({
      key: 'big_results',
      label: 'Results of 12 MB',
      says: 'Every result is padded. What does not fit into one message is spread, re-encoded, or linked.',
      onchange: (on) => this.set({ big_results: on ? LARGE : null }),
    });
    const jobs = section('Recent jobs', null, this.jobs, this.finish);
    const size = h('section', {}, this.large.element);
    const happens = [this.outcomes.element, this.endings.element];
    this.element = div('tab-panel', this.purse(), happens, this.speed(), size, jobs);
  }

  purse() {
    const why = 'Another user of the same key spends credits: the bot reports drift and charges nobody.';
    const refill = action(`Refill to ${credits(REFILL)}`, 'refill', () => this.set({ balance: REFILL }));
    const spend = action(`Spend ${FOREIGN} elsewhere`, 'spend', () => this.spend(), { 'aria-description': why });
    spend.dataset.tip = why;
    return div('balance', h('small', {}, 'The key’s balance at PixelDojo'), this.balance, div('pair', refill, spend));
  }

  speed() {
    const attributes = { type: 'range', min: '0', max: String(PACES.length - 1), step: '1', 'aria-label': 'Pace of the jobs' };
    this.pace = h('input', { ...attributes, dataset: { switch: 'latency' } });
    this.paceText = h('output', {});
    this.pace.addEventListener('input', () => this.drawPace());
    this.pace.addEventListener('change', () => this.set({ latency: PACES[this.pace.value] }));
    const says = 'How long the pretended work takes. Real jobs take 15 to 60 seconds.';
    return section('Pace', says, div('range', this.pace, this.paceText));
  }

  async end() {
    await attempt(() => post('/page/provider/finish', { job: null }));
    await this.load();
  }

  async spend() {
    const done = `${FOREIGN} credits spent by another user of the key`;
    await attempt(() => post('/page/provider/spend', { credits: FOREIGN }), done);
    await this.load();
  }

  async set(change) {
    await attempt(() => post('/page/provider/switches', change));
    await this.load();
  }

  /** Asks for the state and shows it. */
  async load() {
    try {
      this.show(await get('/page/provider/state'));
    } catch (error) {
      fill(this.jobs, h('p', { class: 'nothing' }, `The stand-in PixelDojo does not answer: ${error.message}`));
    }
  }

  show({ balance, jobs, switches, models }) {
    fill(this.balance, credits(balance), h('small', {}, 'credits'));
    const none = h('p', { class: 'nothing' }, 'No jobs yet. They appear here as the provider sees them.');
    fill(this.jobs, jobs.length ? jobs.slice(0, SHOWN_JOBS).map(jobCard) : none);
    this.finish.hidden = !jobs.some(isRunning);
    this.large.set(switches.big_results);
    this.outcomes.show(switches);
    this.endings.show(switches, models);
    if (document.activeElement === this.pace) return;
    const latency = switches.latency ?? 1;
    this.pace.value = String(nearestPace(latency));
    this.drawPace(latency);
  }

  /** The slider has a few paces; the text says the one that is. */
  drawPace(latency = PACES[this.pace.value]) {
    const text = paceText(latency);
    this.paceText.textContent = text;
    this.pace.setAttribute('aria-valuetext', text);
  }
}

function paceText(latency) {
  if (latency <= 0) return 'at once';
  if (latency === 1) return 'as in life';
  return latency < 1 ? `${credits(1 / latency)} × faster` : `${credits(latency)} × slower`;
}

function nearestPace(latency) {
  const distances = PACES.map((factor) => Math.abs(factor - latency));
  return distances.indexOf(Math.min(...distances));
}
