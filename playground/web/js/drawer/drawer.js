import { div, fill, freshId, h, iconButton } from '../core/dom.js';
import { recall, remember } from '../core/theme.js';
import { get } from '../core/http.js';
import { DiscordPanel } from './discord.js';
import { ProcessesPanel } from './processes.js';
import { ProviderPanel } from './provider.js';
import { RequestsPanel } from './requests.js';

const EVERY = 1000;
const KEY = 'darkroom.drawer';
const OVERLAY = matchMedia('(max-width: 1180px)');

/** Behind the scenes. Asks for the state once a second while it is open and the page is looked at. */
export class Drawer {
  /** @param {{onchange: (open: boolean) => void}} hooks */
  constructor(root, { onchange }) {
    this.root = root;
    this.onchange = onchange;
    this.tabs = [
      this.tab('PixelDojo', 'provider', new ProviderPanel()),
      this.tab('Discord', 'discord', new DiscordPanel()),
      this.tab('Requests', 'requests', new RequestsPanel()),
    ];
    const buttons = this.tabs.map((tab) => tab.button);
    const bar = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Behind the scenes' }, buttons);
    const close = iconButton('close', 'Close', { onclick: () => this.toggle(false) });
    fill(root, div('drawer-head', h('h2', {}, 'Behind the scenes'), close), bar, this.tabs.map((tab) => tab.panel.element));
    bar.addEventListener('keydown', (event) => this.key(event));
    this.select(this.tabs[0]);
    this.showProcesses(bar);
    if (recall(KEY) === 'open' && !OVERLAY.matches) this.toggle(true, false);
  }

  /** One process needs no tab. */
  async showProcesses(bar) {
    const { processes } = await get('/page/processes').catch(() => ({ processes: [] }));
    if (!processes.length) return;
    const tab = this.tab('Processes', 'processes', new ProcessesPanel());
    tab.panel.element.hidden = true;
    tab.button.setAttribute('aria-selected', 'false');
    tab.button.tabIndex = -1;
    this.tabs.push(tab);
    bar.append(tab.button);
    this.root.append(tab.panel.element);
  }

  get isOpen() { return !this.root.hidden; }

  tab(label, name, panel) {
    const id = freshId('tab');
    const attributes = { type: 'button', role: 'tab', id, 'aria-controls': `${id}-panel`, dataset: { tab: name } };
    const button = h('button', attributes, label);
    const tab = { button, panel };
    button.addEventListener('click', () => this.select(tab));
    panel.element.id = `${id}-panel`;
    panel.element.setAttribute('role', 'tabpanel');
    panel.element.setAttribute('aria-labelledby', id);
    return tab;
  }

  select(tab) {
    this.current = tab;
    for (const one of this.tabs) {
      one.button.setAttribute('aria-selected', String(one === tab));
      one.button.tabIndex = one === tab ? 0 : -1;
      one.panel.element.hidden = one !== tab;
    }
    if (this.isOpen) this.poll();
  }

  key(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = this.tabs[(this.tabs.indexOf(this.current) + by + this.tabs.length) % this.tabs.length];
    this.select(next);
    next.button.focus();
  }

  toggle(open = !this.isOpen, focus = true) {
    this.root.hidden = !open;
    if (!OVERLAY.matches) remember(KEY, open ? 'open' : 'closed');
    this.onchange(open);
    if (open) {
      this.poll();
      if (focus) this.current.button.focus({ preventScroll: true });
    } else clearTimeout(this.timer);
  }

  async poll() {
    clearTimeout(this.timer);
    const { panel } = this.current;
    if (!document.hidden) await panel.load();
    if (this.isOpen && panel === this.current.panel) this.timer = setTimeout(() => this.poll(), EVERY);
  }
}
