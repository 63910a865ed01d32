import { fill, h, icon, iconButton } from '../core/dom.js';
import { store } from '../core/store.js';

const TOPIC = 'Edit photographs with /edit, make new ones with /generate';

/** The line above the messages: where you are, whether the bot is there, and the way behind the scenes. */
export class Header {
  /** @param {{onmenu: (back: HTMLElement) => void, ondrawer: () => void}} hooks */
  constructor(root, hooks) {
    this.mark = h('span', { class: 'icon' });
    this.name = h('h1', {});
    this.topic = h('p', { class: 'topic' });
    this.presence = h('span', { class: 'presence' });
    this.bot = h('span', {});
    this.pill = h('span', { class: 'bot-pill', role: 'status' }, this.presence, this.bot);
    const onclick = () => hooks.onmenu(this.menu);
    this.menu = iconButton('menu', 'Channels and people', { class: 'menu-button', onclick });
    const attributes = { type: 'button', class: 'drawer-button', 'aria-expanded': 'false', 'aria-controls': 'drawer' };
    this.drawer = h('button', attributes, icon('sliders'), h('span', {}, 'Behind the scenes'));
    this.drawer.addEventListener('click', hooks.ondrawer);
    fill(root, this.menu, this.mark, this.name, this.topic, h('span', { class: 'spacer' }), this.pill, this.drawer);
    for (const topic of ['hello', 'channel', 'bot']) store.on(topic, () => this.draw());
  }

  draw() {
    const channel = store.channel();
    if (!channel) return;
    const direct = channel.type === 1;
    const mark = icon(direct ? 'at' : 'hash');
    this.mark.replaceWith(mark);
    this.mark = mark;
    this.name.textContent = direct ? store.bot.name : channel.name;
    this.topic.textContent = direct ? 'Only you and the bot read this' : channel.topic || TOPIC;
    this.presence.dataset.state = store.bot.online ? 'online' : 'offline';
    this.bot.textContent = `${store.bot.name} is ${store.bot.online ? 'online' : 'offline'}`;
    const label = direct ? `Direct messages with ${store.bot.name}` : `#${channel.name}`;
    document.getElementById('chat').setAttribute('aria-label', label);
  }
}
