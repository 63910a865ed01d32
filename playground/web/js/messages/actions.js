import { h, iconButton } from '../core/dom.js';
import { iModerate } from '../core/people.js';
import { store } from '../core/store.js';
import { removeMessage, runCommand, setReaction } from '../core/wire.js';
import { openMenu } from '../overlay/menu.js';
import { contextCommands } from '../overlay/profile.js';
import { toast } from '../overlay/toast.js';
import { componentTexts } from '../text/plain.js';
import { openReactions } from './reactions.js';

const EPHEMERAL = 64;
const AGAIN = '🔁';
/** Pixels that the buttons need above their message, and that they keep from the edge. */
const ROOM = 20;
const EDGE = 6;

export function isOnlyYou(message) {
  return Boolean(message.only_you) || Boolean((message.flags ?? 0) & EPHEMERAL);
}

/** The row of buttons that appears on the message under the pointer or with focus. One for the whole page. */
export class Toolbar {
  constructor() {
    this.element = null;
  }

  /** Shows the buttons on `article`, unless they are there already. */
  show(article, message) {
    if (this.element?.parentElement === article) return;
    this.hide();
    if (isOnlyYou(message)) return;
    const rerun = () => setReaction(message, { id: null, name: AGAIN }, true);
    const again = iconButton('react', `React with ${AGAIN}`, { dataset: { emoji: AGAIN }, onclick: rerun });
    again.replaceChildren(h('i', { class: 'emoji', 'aria-hidden': 'true' }, AGAIN));
    const original = message.message_reference?.message_id;
    this.element = h('div', { class: 'toolbar', role: 'toolbar', 'aria-label': 'Message actions' }, again,
      iconButton('react', 'Add a reaction', { 'aria-haspopup': 'dialog', dataset: { action: 'react' } }),
      iconButton('reply', 'Reply', { dataset: { action: 'reply' } }),
      original && iconButton('jump', 'Go to the original', { dataset: { jump: original } }),
      iconButton('dots', 'More', { 'aria-haspopup': 'menu', 'aria-expanded': 'false', dataset: { action: 'more' } }));
    article.dataset.active = '';
    article.append(this.element);
    this.keepInSight(article);
  }

  /** On a message that begins above the screen the buttons stand at the screen's edge. */
  keepInSight(article) {
    const above = article.closest('.scroller').getBoundingClientRect().top - article.getBoundingClientRect().top;
    if (above > -ROOM) this.element.style.top = `${above + EDGE}px`;
  }

  hide() {
    if (!this.element) return;
    const article = this.element.parentElement;
    if (article) delete article.dataset.active;
    this.element.remove();
    this.element = null;
  }
}

/** Opens the menu of a message, beside a button or at a point. */
export function openMessageMenu(anchor, message, at) {
  const apps = contextCommands(3).map((command) => appItem(command, message));
  const mayDelete = message.author.id === store.me || iModerate();
  const remove = { label: 'Delete message', icon: 'trash', danger: true, run: () => removeMessage(message) };
  const items = [
    { label: 'Add a reaction', icon: 'react', run: () => openReactions(anchor, message) },
    ...(apps.length ? [{ label: 'Apps', icon: 'apps', items: apps }] : []),
    { label: 'Copy text', icon: 'copy', run: () => copy(textOf(message)) },
    { label: 'Copy message ID', icon: 'id', run: () => copy(message.id) },
    ...(mayDelete ? [{ kind: 'line' }, remove] : []),
  ];
  openMenu({ anchor, at, label: 'Message', side: 'below-end', items });
}

function appItem(command, message) {
  return {
    label: command.name, icon: 'spark', data: { command: command.name },
    run: () => runCommand({ commandId: command.id, title: command.name, targetId: message.id }),
  };
}

function textOf(message) {
  return [message.content, ...componentTexts(message.components)].filter(Boolean).join('\n');
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast({ title: 'Copied' });
  } catch (error) {
    toast({ title: 'The browser did not allow copying', text: error.message, kind: 'error' });
  }
}
