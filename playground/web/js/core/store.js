/** What the page knows. The only place that keeps state; everything else reads it and listens to it. */

/** The channel that stands for the direct messages until the server has named one. */
export const DIRECT = '@direct';
const MANY = 5000;

/** Orders snowflakes, which are too large for numbers. */
export function compareIds(a, b) {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

class Store {
  constructor() {
    this.listeners = new Map();
    this.connection = 'connecting';
    this.me = '';
    this.guild = { id: '', name: 'Playground' };
    this.bot = { id: '', name: 'Darkroom', online: false };
    this.channels = [];
    this.members = new Map();
    this.roles = new Map();
    this.commands = [];
    this.uploadLimit = 10 * 1024 * 1024;
    this.messages = new Map();
    this.current = '';
    this.dismissed = new Set();
    this.deleted = new Set();
    this.pressed = new Map();
    this.ghosts = [];
    this.reads = new Map();
    this.baseline = null;
    this.uncovered = new Set();
    this.popups = [];
    this.transport = null;
    this.serial = 0;
  }

  /** A number that was not given before. */
  next() {
    this.serial += 1;
    return this.serial;
  }

  /** Calls `listener` whenever `topic` happens; returns the way to stop it. */
  on(topic, listener) {
    const listeners = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  emit(topic, detail) {
    for (const listener of this.listeners.get(topic) ?? []) listener(detail);
  }

  /** Takes everything from the server's greeting. */
  hello(d) {
    const changed = this.me !== d.me;
    this.me = d.me;
    this.guild = d.guild;
    this.bot = d.bot;
    this.channels = withDirect(d.channels, d.bot);
    this.members = new Map(d.members.map((member) => [member.id, member]));
    this.roles = new Map((d.roles ?? []).map((role) => [role.id, role]));
    this.commands = d.commands ?? [];
    this.uploadLimit = d.upload_limit ?? this.uploadLimit;
    this.messages = new Map(this.channels.map((channel) => [channel.id, []]));
    if (changed) { this.ghosts = []; this.pressed.clear(); }
    for (const message of d.messages) {
      if (!this.dismissed.has(message.id)) this.messages.get(this.keyOf(message)).push(message);
    }
    for (const list of this.messages.values()) list.sort((a, b) => compareIds(a.id, b.id));
    if (!this.messages.has(this.current)) this.current = this.channels[0].id;
    this.emit('hello', { changed });
  }

  setConnection(state, retryAt = 0) {
    this.connection = state;
    this.retryAt = retryAt;
    this.emit('connection');
  }

  setBot(online) { this.bot = { ...this.bot, online }; this.emit('bot'); }
  setCommands(commands) { this.commands = commands; this.emit('commands'); }
  setMembers(members) { this.members = new Map(members.map((member) => [member.id, member])); this.emit('members'); }

  /** The channel that a message belongs to; one that is no server channel is a direct message. */
  keyOf(message) {
    const known = this.channels.find((channel) => channel.id === message.channel_id);
    return known ? known.id : this.direct().id;
  }

  direct() { return this.channels.find((channel) => channel.type === 1); }
  channel(id = this.current) { return this.channels.find((channel) => channel.id === id); }
  list(key = this.current) { return this.messages.get(key) ?? []; }
  isDirect(key = this.current) { return this.channel(key)?.type === 1; }
  /** What the wire calls a channel: the direct messages are null there. */
  wireChannel(key = this.current) { return this.isDirect(key) ? null : key; }

  find(id) {
    for (const list of this.messages.values()) {
      const found = list.find((message) => message.id === id);
      if (found) return found;
    }
    return undefined;
  }

  open(key) {
    if (!this.messages.has(key)) return;
    this.current = key;
    this.emit('channel');
  }

  add(message) {
    const key = this.keyOf(message);
    const list = this.list(key);
    if (list.some((known) => known.id === message.id)) { this.update(message); return; }
    let at = list.length;
    while (at > 0 && compareIds(list[at - 1].id, message.id) > 0) at -= 1;
    list.splice(at, 0, message);
    if (list.length > MANY) list.shift();
    this.emit('messages', { key, kind: 'create', message });
  }

  update(message) {
    const key = this.keyOf(message);
    const list = this.list(key);
    const at = list.findIndex((known) => known.id === message.id);
    if (at < 0) { this.add(message); return; }
    const before = list[at];
    list[at] = message;
    this.emit('messages', { key, kind: 'update', message, before });
  }

  remove(id) {
    this.deleted.add(id);
    for (const [key, list] of this.messages) {
      const at = list.findIndex((message) => message.id === id);
      if (at >= 0) {
        list.splice(at, 1);
        this.emit('messages', { key, kind: 'delete', id });
      }
    }
  }

  dismiss(id) { this.dismissed.add(id); this.remove(id); }

  react(id, reactions) {
    const message = this.find(id);
    if (message) this.update({ ...message, reactions });
  }

  /** Remembers that a component was used (`pending`), or that this failed; null forgets it. */
  press(messageId, state) {
    if (state) this.pressed.set(messageId, state);
    else this.pressed.delete(messageId);
    this.emit('pressed', messageId);
  }

  /** A command on its way: shown at the end of the channel until the bot has answered. */
  haunt(ghost) { this.ghosts.push(ghost); this.emit('ghosts', ghost); }
  changeGhost(nonce, change) {
    this.ghosts = this.ghosts.map((ghost) => (ghost.nonce === nonce ? { ...ghost, ...change } : ghost));
    this.emit('ghosts');
  }
  exorcise(nonce) { this.ghosts = this.ghosts.filter((ghost) => ghost.nonce !== nonce); this.emit('ghosts'); }
}

function withDirect(channels, bot) {
  if (channels.some((channel) => channel.type === 1)) return channels;
  return [...channels, { id: DIRECT, name: bot.name, type: 1 }];
}

export const store = new Store();
