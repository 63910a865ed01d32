import { h, icon } from '../core/dom.js';
import { store } from '../core/store.js';

/** Says above the messages when the connection is gone or the bot is away. */
export class Banners {
  /** @param {{onretry: () => void}} hooks */
  constructor(root, { onretry }) {
    this.wait = h('span', {});
    this.connection = h('div', { class: 'banner', dataset: { kind: 'connection' } }, icon('unplugged'),
      h('p', {}, 'The connection to the playground is lost. ', this.wait),
      h('button', { type: 'button', onclick: onretry }, 'Try now'));
    this.botText = h('p', {});
    this.bot = h('div', { class: 'banner', dataset: { kind: 'bot' } }, icon('warning'), this.botText);
    this.root = root;
    for (const topic of ['hello', 'connection', 'bot']) store.on(topic, () => this.draw());
    setInterval(() => this.count(), 500);
  }

  draw() {
    // Becoming somebody else also connects again, but nothing was lost then.
    if (store.connection === 'closed') this.lost = true;
    if (store.connection === 'open') this.lost = false;
    this.show(this.connection, this.lost);
    this.show(this.bot, !this.lost && store.connection === 'open' && !store.bot.online);
    this.botText.textContent = `${store.bot.name} is offline. Commands and buttons get no answer until it is back.`;
    this.count();
  }

  show(banner, wanted) {
    if (wanted && !banner.isConnected) this.root.append(banner);
    if (!wanted) banner.remove();
  }

  count() {
    const seconds = Math.ceil(((store.retryAt ?? 0) - Date.now()) / 1000);
    this.wait.textContent = store.connection === 'closed'
      && seconds > 0
      ? `Trying again in ${seconds} s.`
      : 'Trying again…';
  }
}
