import { div, fill, h, span } from '../core/dom.js';
import { get, post } from '../core/http.js';
import { minutes, timestamp } from '../core/time.js';
import { action, attempt, section } from './parts.js';

const STATES = {
  working: ['good', 'at work'],
  waiting: ['quiet', 'ready'],
  starting: ['busy', 'starting'],
  ended: ['bad', 'ended'],
};
const DOES = {
  working: 'Connected to Discord, and does all there is to do',
  waiting: 'Waits to take over',
  starting: 'Starts',
  ended: 'Starts again in two seconds',
};

/** Several bots on one database: one works, the others wait. */
export class ProcessesPanel {
  constructor() {
    this.who = h('output', { class: 'who', 'aria-label': 'At work' }, '–');
    this.list = h('div', { class: 'jobs' });
    this.takeOvers = h('div', { class: 'requests', role: 'log', 'aria-label': 'Take-overs' });
    this.kill = action('Kill the one at work', 'kill', () => this.end(), { style: 'danger' });
    const says = 'They share one database. If the one at work ends, another takes over within ten seconds or so: no picture is lost and none is paid for twice.';
    this.element = div('tab-panel',
      section('Who is at work', says, this.who, this.list, div('button-row', this.kill)),
      section('Take-overs', null, this.takeOvers));
  }

  async end() {
    await attempt(() => post('/page/processes/kill', {}));
    await this.load();
  }

  async load() {
    try {
      this.show(await get('/page/processes'));
    } catch (error) {
      fill(this.list, h('p', { class: 'nothing' }, `Nobody knows who is at work: ${error.message}`));
    }
  }

  show({ processes, take_overs: takeOvers, nobody_since: nobody, now }) {
    const working = processes.find((one) => one.state === 'working');
    const [said, since] = working ? [`Process ${working.number}`, working.since] : ['Nobody', nobody];
    fill(this.who, said, h('small', {}, since == null ? 'yet' : `for ${minutes(now - since)}`));
    this.kill.disabled = !working;
    fill(this.list, processes.map((one) => card(one, now)));
    const none = h('p', { class: 'nothing' }, 'None yet. Send a command, kill the one at work, and watch its card.');
    fill(this.takeOvers, takeOvers.length ? takeOvers.map(takeOver) : none);
  }
}

function card({ number, state, since }, now) {
  const [kind, word] = STATES[state];
  return h('article', { class: 'job', dataset: { process: number, status: state } },
    span('job-prompt', `Process ${number}`),
    h('span', { class: 'status', dataset: { kind } }, word),
    span('job-facts', `${DOES[state]} · ${minutes(now - since)}`));
}

function takeOver({ at, from, to, seconds }) {
  const said = from === to ? `Process ${to} was back first` : `Process ${to} took over from process ${from}`;
  return div('request', h('b', {}, timestamp(at, 'T')), h('span', {}, said),
    h('span', { class: 'status', dataset: { kind: 'good' } }, `${seconds.toFixed(1)} s`));
}
