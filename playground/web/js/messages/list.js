import { button, div, h, icon } from '../core/dom.js';
import { nameOf } from '../core/people.js';
import { store } from '../core/store.js';
import { dayName } from '../core/time.js';
import { markRead, unread } from '../core/unread.js';
import { announce } from '../overlay/toast.js';
import { summary } from '../text/plain.js';
import { arrange } from '../core/arrange.js';
import { carryOver } from './carry.js';
import { ghostElement } from './ghost.js';
import { messageElement } from './message.js';
import { showPressed } from './notes.js';
import { setTabStop } from './roving.js';
import { channelStart } from './start.js';

const PAGE = 80;
const GROUP_MS = 7 * 60_000;
const NEAR = 80;

/** The messages of the open channel. Draws the newest ones; earlier ones when they are scrolled to. */
export class MessageList {
  constructor(scroller, history) {
    this.scroller = scroller;
    this.history = history;
    this.drawn = new Map();
    this.limit = PAGE;
    this.sticky = true;
    this.later = 0;
    this.list = h('div', { class: 'messages', role: 'feed' });
    this.top = h('div', {});
    this.jumpDown = h('button', { type: 'button', class: 'jump-down', hidden: true, onclick: () => this.toEnd(true) });
    this.history.append(this.top, this.list);
    scroller.addEventListener('scroll', () => this.onScroll(), { passive: true });
    new ResizeObserver(() => { if (this.sticky) this.toEnd(); }).observe(history);
    new ResizeObserver(() => { if (this.sticky) this.toEnd(); }).observe(scroller);
    document.addEventListener('visibilitychange', () => this.seen());
    this.listen();
  }

  listen() {
    store.on('hello', ({ changed }) => (changed ? this.reset() : this.again()));
    store.on('channel', () => this.reset());
    store.on('messages', (change) => this.onChange(change));
    store.on('pressed', (id) => this.onPressed(id));
    store.on('members', () => this.draw());
    store.on('ghosts', (added) => { this.draw(); if (added) this.toEnd(); });
    store.on('commands', () => this.drawTop());
  }

  reset() {
    this.drawn.clear();
    this.list.replaceChildren();
    this.limit = PAGE;
    this.later = 0;
    this.firstUnread = unread(store.current)[0]?.id;
    const name = store.channel()?.name;
    this.list.setAttribute('aria-label', store.isDirect() ? `Direct messages with ${name}` : `Messages in #${name}`);
    this.draw();
    this.toEnd();
    this.seen();
  }

  /** After the connection came back: what is on the screen stays where it is. */
  again() {
    this.draw();
    this.seen();
  }

  onChange({ key, kind, message, before, id }) {
    if (key !== store.current) return;
    if (kind === 'update') this.drawn.delete(message.id);
    if (kind === 'delete') this.forget(id);
    if (kind === 'create') this.onCreate(message);
    if (kind === 'update') this.sayChange(message, before);
    this.draw();
    if (kind === 'create') this.arrived(message);
  }

  /** Takes a deleted message away, and lets its replies be drawn again, which now say so. */
  forget(id) {
    this.drawn.delete(id);
    for (const { message } of [...this.drawn.values()]) {
      if (message?.message_reference?.message_id === id) this.drawn.delete(message.id);
    }
  }

  onCreate(message) {
    this.limit += 1;
    announce(`${nameOf(message.author)}: ${summary(message, 200)}`);
    const mine = message.author.id === store.me;
    if (mine) this.sticky = true;
    if ((!this.sticky || document.hidden) && !this.firstUnread && !mine) this.firstUnread = message.id;
  }

  arrived(message) {
    this.drawn.get(message.id)?.element.setAttribute('data-new', '');
    if (this.sticky) { this.toEnd(); this.seen(); } else { this.later += 1; this.drawJump(); }
  }

  sayChange(message, before) {
    const [now, then] = [summary(message, 200), summary(before, 200)];
    if (now !== then && this.near(message)) announce(`${nameOf(message.author)} changed a message: ${now}`);
  }

  near(message) {
    return store.list().slice(-5).includes(message);
  }

  onPressed(id) {
    const known = this.drawn.get(id);
    if (known) showPressed(known.element, known.message);
  }

  /** Draws what has changed; every other message stays the element that it was. */
  draw() {
    const all = store.list();
    const shown = all.slice(-this.limit);
    const hidden = all.length - shown.length;
    const elements = [];
    shown.forEach((message, at) => {
      const before = shown[at - 1];
      elements.push(...this.around(message, before), this.element(message, before));
    });
    const ghosts = store.ghosts.filter((ghost) => ghost.key === store.current).map(ghostElement);
    this.drawTop(hidden);
    arrange(this.list, [...elements, ...ghosts]);
    setTabStop(this.list);
    if (this.sticky) this.toEnd();
  }

  drawTop(hidden = store.list().length - Math.min(this.limit, store.list().length)) {
    const channel = store.channel();
    if (!channel) return;
    const more = () => button('Show earlier messages', { style: 'quiet', icon: 'up', onclick: () => this.earlier() });
    this.top.replaceChildren(hidden > 0 ? div('earlier', more()) : channelStart(channel, store.list().length === 0));
  }

  /** The lines before a message: a new day, and where the unread ones begin. */
  around(message, before) {
    const lines = [];
    const day = dayName(message.timestamp);
    if (!before || dayName(before.timestamp) !== day) lines.push(this.line(`day ${message.id}`, day, null));
    if (message.id === this.firstUnread) lines.push(this.line('unread', 'New', 'unread'));
    return lines;
  }

  line(key, text, kind) {
    const known = this.drawn.get(key);
    if (known?.text === text) return known.element;
    const attributes = { class: 'divider', dataset: { kind } };
    const element = h('div', attributes, h('span', {}, text));
    this.drawn.set(key, { text, element });
    return element;
  }

  element(message, before) {
    const grouped = isGrouped(message, before) && message.id !== this.firstUnread;
    const known = this.drawn.get(message.id);
    if (known?.message === message && known.grouped === grouped) return known.element;
    const element = messageElement(message, grouped);
    const old = this.list.querySelector(`[data-message-id="${CSS.escape(message.id)}"]`);
    if (old) carryOver(old, element);
    this.drawn.set(message.id, { message, grouped, element });
    return element;
  }

  earlier() {
    const height = this.scroller.scrollHeight;
    this.limit += PAGE;
    this.draw();
    this.scroller.scrollTop += this.scroller.scrollHeight - height;
  }

  distance() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  onScroll() {
    this.sticky = this.distance() < NEAR;
    if (this.sticky) this.seen();
    if (this.scroller.scrollTop < 300 && store.list().length > this.limit) this.earlier();
    this.drawJump();
  }

  drawJump() {
    const far = this.distance() > 700 || (this.later > 0 && !this.sticky);
    this.jumpDown.hidden = !far;
    this.jumpDown.toggleAttribute('data-new', this.later > 0);
    const news = `${this.later} new ${this.later === 1 ? 'message' : 'messages'}`;
    if (far) this.jumpDown.replaceChildren(icon('arrow-down'), this.later ? news : 'To the newest');
  }

  /** The newest message is on the screen: everything up to it counts as read. */
  seen() {
    if (document.hidden || !this.sticky) return;
    this.later = 0;
    this.drawJump();
    markRead(store.current);
  }

  /** Forgets where the unread messages began. */
  forgetUnread() {
    this.firstUnread = undefined;
    this.draw();
  }

  toEnd(smooth = false) {
    this.sticky = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? 'smooth' : 'instant' });
    this.seen();
  }

  /** Scrolls to a message and shows for a moment which one it is; false if it is not there. */
  jump(id) {
    const message = store.find(id);
    if (!message) return false;
    if (store.keyOf(message) !== store.current) store.open(store.keyOf(message));
    const at = store.list().findIndex((one) => one.id === id);
    if (store.list().length - at > this.limit) { this.limit = store.list().length - at + 20; this.draw(); }
    this.sticky = false;
    const { element } = this.drawn.get(id);
    element.scrollIntoView({ block: 'center' });
    element.dataset.flash = '';
    setTimeout(() => delete element.dataset.flash, 1900);
    element.focus({ preventScroll: true });
    return true;
  }
}

function isGrouped(message, before) {
  if (!before || before.author.id !== message.author.id) return false;
  if (message.interaction_metadata || message.message_reference) return false;
  if (Boolean(before.only_you) !== Boolean(message.only_you)) return false;
  const [then, now] = [new Date(before.timestamp), new Date(message.timestamp)];
  return now - then < GROUP_MS && then.toDateString() === now.toDateString();
}
