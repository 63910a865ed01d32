import { fill, h, icon, iconButton, span } from '../core/dom.js';
import { avatar, me, nameOf } from '../core/people.js';
import { store } from '../core/store.js';
import { nextTheme, theme, THEMES } from '../core/theme.js';
import { mentionsMe, unread } from '../core/unread.js';

const NARROW = matchMedia('(max-width: 760px)');

/** The channel list, and below it who you are. On a phone it slides in from the side. */
export class Sidebar {
  /** @param {{onswitch: (anchor: HTMLElement) => void}} hooks */
  constructor(root, hooks) {
    this.root = root;
    this.hooks = hooks;
    this.guild = h('div', { class: 'guild' });
    this.groups = h('div', { class: 'channel-groups' });
    this.person = h('div', { class: 'person' });
    root.append(
      this.guild,
      this.groups,
      h('p', { class: 'aside' }, 'A stand-in for Discord on this computer. Nothing that you do here leaves it.'),
      this.person,
    );
    for (const topic of ['hello', 'channel', 'messages', 'reads', 'bot', 'members']) store.on(topic, () => this.draw());
    store.on('channel', () => this.close());
    NARROW.addEventListener('change', () => this.close());
    root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.isOpen) { event.stopPropagation(); this.close(); }
    });
  }

  get isOpen() { return 'open' in this.root.dataset; }

  open(back) {
    this.back = back;
    this.root.dataset.open = '';
    this.scrim = h('div', { class: 'scrim', onclick: () => this.close() });
    this.root.before(this.scrim);
    this.root.querySelector('[aria-current]')?.focus();
  }

  close() {
    if (!this.isOpen) return;
    delete this.root.dataset.open;
    this.scrim.remove();
    this.back?.focus();
  }

  draw() {
    const name = h('div', {}, h('h2', {}, store.guild.name), h('p', {}, 'Playground'));
    fill(this.guild, h('img', { src: '/assets/icon.svg', alt: '' }), name);
    const servers = store.channels.filter((one) => one.type !== 1);
    const direct = store.channels.filter((one) => one.type === 1);
    this.keepFocus(() => fill(this.groups, this.group('Channels', servers), this.group('Direct messages', direct)));
    this.drawPerson();
    document.title = this.title();
  }

  /** Redrawing must not take focus away from the channel that has it. */
  keepFocus(redraw) {
    const channel = this.groups.contains(document.activeElement) ? document.activeElement.dataset.channelId : null;
    redraw();
    const link = channel && this.groups.querySelector(`[data-channel-id="${CSS.escape(channel)}"]`);
    if (link) link.focus({ preventScroll: true });
  }

  group(title, channels) {
    const id = `group-${title.split(' ')[0]}`;
    const links = channels.map((channel) => h('li', {}, this.link(channel)));
    return [h('h3', { id }, title), h('ul', { 'aria-labelledby': id }, links)];
  }

  link(channel) {
    const here = channel.id === store.current;
    const direct = channel.type === 1;
    const fresh = here ? [] : unread(channel.id);
    const mentions = direct ? fresh.length : fresh.filter(mentionsMe).length;
    return h('button', {
      type: 'button', class: 'channel-link', 'aria-current': here ? 'page' : null,
      dataset: { channelId: channel.id, unread: fresh.length > 0 }, onclick: () => store.open(channel.id),
    }, direct ? avatar({ ...store.bot, bot: true }) : icon('hash'), span('label', direct ? store.bot.name : channel.name),
    fresh.length > 0 && span('visually-hidden', ', unread'), mentions ? this.count(mentions) : direct && this.presence());
  }

  count(mentions) {
    const attributes = { class: 'count', dataset: { mention: true }, 'aria-label': `${mentions} for you` };
    return h('span', attributes, String(mentions));
  }

  presence() {
    return h('span', { class: 'presence', dataset: { state: store.bot.online ? 'online' : 'offline' } });
  }

  drawPerson() {
    const who = me();
    const role = who?.moderator ? 'You · moderator' : 'You · member';
    const change = h('button', {
      type: 'button', class: 'person-switch', 'aria-haspopup': 'menu', 'aria-expanded': 'false',
      'aria-label': `You are ${nameOf(who)}. Be somebody else.`, dataset: { member: who?.name },
      onclick: () => this.hooks.onswitch(change),
    }, avatar(who), span('who', h('b', {}, nameOf(who)), h('small', {}, role)), icon('updown'));
    const focused = [...this.person.children].indexOf(document.activeElement);
    fill(this.person, change, this.themeButton());
    this.person.children[focused]?.focus();
  }

  themeButton() {
    const { icon: drawing, label } = THEMES[theme()];
    const onclick = () => { nextTheme(); this.drawPerson(); };
    return iconButton(drawing, label, { dataset: { role: 'theme' }, onclick });
  }

  title() {
    const forMe = (channel) => unread(channel.id).filter((message) => channel.type === 1 || mentionsMe(message));
    const waiting = store.channels.flatMap(forMe).length;
    const name = store.isDirect() ? `@${store.bot.name}` : `#${store.channel()?.name}`;
    return `${waiting ? `(${waiting}) ` : ''}${name} · ${store.guild.name}`;
  }
}
