import { div, fill, h } from '../core/dom.js';
import { get } from '../core/http.js';
import { size } from '../core/time.js';
import { section } from './parts.js';

const SHOWN = 60;

/** What the bot asked of Discord, newest first. */
export class RequestsPanel {
  constructor() {
    this.log = [];
    this.last = 0;
    this.list = h('div', { class: 'requests', role: 'log', 'aria-label': 'The bot’s requests' });
    const says = 'Every call that the bot made, as it was answered. Secrets in addresses are left out.';
    this.element = div('tab-panel', section('Requests to Discord', says, this.list));
  }

  async load() {
    try {
      const fresh = await get(`/page/log?after=${this.last}`);
      this.last = fresh.at(-1)?.n ?? this.last;
      if (fresh.length || !this.log.length) this.show(fresh);
    } catch (error) {
      fill(this.list, h('p', { class: 'nothing' }, `The log cannot be read: ${error.message}`));
    }
  }

  show(fresh) {
    this.log = [...fresh.reverse(), ...this.log].slice(0, SHOWN);
    fill(this.list, this.log.length ? this.log.map(row) : h('p', { class: 'nothing' }, 'Nothing yet.'));
  }
}

function row(request) {
  const { status } = request;
  const files = (request.files ?? []).map((file) => `${file.name} (${size(file.size)})`).join(', ');
  const path = h('code', {}, shorten(request.path), files && h('small', {}, files));
  const answer = h('span', { class: 'status', dataset: { kind: kindOf(status) } }, status ? String(status) : '–');
  return div('request', h('b', {}, request.method), path, answer);
}

function kindOf(status) {
  if (!status) return 'quiet';
  if (status < 400) return 'good';
  return status < 500 ? 'busy' : 'bad';
}

/** Leaves out the prefix, the long tokens of interactions and webhooks, and all but the end of ids. */
function shorten(path) {
  return path.replace(/^\/api\/v\d+/, '').replace(/\/[\w.=-]{40,}(?=\/|$)/g, '/…').replace(/\d{13,}(\d{4})/g, '…$1');
}
