import { div } from '../core/dom.js';
import { get, post } from '../core/http.js';
import { isBot } from '../core/people.js';
import { store } from '../core/store.js';
import { action, attempt, section, switchRow } from './parts.js';

const MEGABYTE = 1024 * 1024;
const FILES = 'ATTACH_FILES';

/** Each with what is posted for on and for off, and how the server's answer is read. */
const SWITCHES = [
  {
    key: 'token_expired',
    label: 'Interaction tokens are expired',
    says: 'Edits through the interaction are refused. The result must reach the same card by the bot’s own token.',
  },
  {
    key: 'channel_hidden',
    label: 'The bot cannot see #darkroom',
    says: 'Neither edits nor new messages are possible there. The result must come as a direct message.',
  },
  {
    key: 'closed_dms',
    label: 'Direct messages are closed',
    says: 'With the channel hidden too, the result must wait under /jobs, with Collect.',
  },
  {
    key: 'upload_limit',
    label: 'Upload limit of 1 MB',
    says: 'Results that are too large are spread over messages, re-encoded, or linked; the card says which.',
    on: MEGABYTE,
    off: null,
    isOn: (limit) => limit !== null && limit <= MEGABYTE,
  },
  {
    key: 'cdn_delay',
    label: 'The file server is slow',
    says: 'Every picture takes three seconds. The card must be there at once all the same.',
    on: 3,
    off: 0,
  },
  {
    key: 'missing_permissions',
    label: 'The bot may not attach files',
    says: 'In #darkroom. A command must be refused before it costs anything, in a sentence that only its author sees.',
    on: [FILES],
    off: [],
    isOn: (names) => names.includes(FILES),
  },
];
const SKIPS = [[60, '1 minute'], [900, '15 minutes'], [86_400, '1 day']];

/** Discord's own bad days. */
export class DiscordPanel {
  constructor() {
    this.rows = SWITCHES.map((one) => ({ ...one, row: this.row(one) }));
    this.element = div('tab-panel', this.delivery(), this.message(), this.gateway(), this.time());
  }

  row({ key, label, says, on = true, off = false }) {
    return switchRow({ key, label, says, onchange: (wanted) => this.set({ [key]: wanted ? on : off }) });
  }

  delivery() {
    const says = 'No paid picture may get lost. Switch something on, send a command, and watch where its result goes.';
    return section('Delivery', says, div('lines', this.rows.map(({ row }) => row.element)));
  }

  message() {
    const says = 'As if a moderator had deleted it. The result must come as a new message that mentions its member.';
    const remove = action('Delete it', 'delete-last', () => this.deleteLast(), { style: 'danger' });
    return section('The bot’s last message', says, div('button-row', remove));
  }

  gateway() {
    const says = 'What was missed must arrive after the connection is back, and nothing twice.';
    const act = (label, name, what, done) => action(label, name, () => attempt(() => post('/page/gateway', { do: what }), done));
    return section('The gateway', says, div('button-row',
      act('Drop it', 'gateway-drop', 'drop', 'The connection to the bot was dropped'),
      act('Ask to reconnect', 'gateway-reconnect', 'reconnect', 'The bot was asked to reconnect'),
      act('End the session', 'gateway-invalid', 'invalid_session', 'The bot’s session was ended')));
  }

  time() {
    const skip = (seconds, label) => attempt(() => post('/page/clock', { skip: seconds }), `${label} later`);
    const buttons = SKIPS.map(([seconds, label]) => action(`Skip ${label}`, `skip-${seconds}`, () => skip(seconds, label)));
    return section('Time', 'Ages tokens, signed addresses and messages, without waiting.', div('button-row', buttons));
  }

  async load() {
    const faults = await attempt(() => get('/page/faults'));
    if (!faults) return;
    for (const { key, isOn = Boolean, row } of this.rows) if (key in faults) row.set(isOn(faults[key]));
  }

  async set(change) {
    await attempt(() => post('/page/faults', change));
    await this.load();
  }

  deleteLast() {
    return attempt(() => {
      const last = store.list().findLast((message) => isBot(message.author) && !message.only_you);
      if (!last) throw new Error('The bot has said nothing in this channel yet.');
      return post('/page/delete-message', { channel_id: last.channel_id, message_id: last.id });
    }, 'Deleted');
  }
}
