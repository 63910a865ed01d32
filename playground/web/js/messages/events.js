/** What happens when something in a message is pressed, pointed at, or reached by keyboard. */
import { isBot } from '../core/people.js';
import { store } from '../core/store.js';
import { openProfile } from '../overlay/profile.js';
import { toast } from '../overlay/toast.js';
import { openMessageMenu, Toolbar } from './actions.js';
import { openReactions } from './reactions.js';
import { moveFocus } from './roving.js';

const PRESSABLE = '[data-jump], [data-profile], [data-open-channel], [data-use-command], [data-action]';
const NOT_HERE = { title: 'That message is not here', text: 'It was deleted, or you may not see it.' };

/**
 * @param {object} parts
 * @param {HTMLElement} parts.root
 * @param {import('./list.js').MessageList} parts.list
 * @param {import('../composer/composer.js').Composer} parts.composer
 * @param {(sample?: string) => void} parts.trySample
 */
export function wireMessages({ root, list, composer, trySample }) {
  const toolbar = new Toolbar();
  const context = { list, composer, trySample };
  root.addEventListener('click', (event) => onClick(event, context));
  root.addEventListener('contextmenu', onContextMenu);
  root.addEventListener('keydown', (event) => onKey(event, list));
  root.addEventListener('pointerover', (event) => showTools(event, toolbar));
  root.addEventListener('focusin', (event) => showTools(event, toolbar));
  list.scroller.addEventListener('pointerleave', () => {
    if (!toolbar.element?.contains(document.activeElement)) toolbar.hide();
  });
}

function messageAt(element) {
  const article = element.closest?.('article[data-message-id]');
  return article ? { article, message: store.find(article.dataset.messageId) } : {};
}

function showTools(event, toolbar) {
  if (event.type === 'focusin' && event.target.matches('.message') && !event.target.matches(':focus-visible')) return;
  const { article, message } = messageAt(event.target);
  if (message) toolbar.show(article, message);
}

function onClick(event, context) {
  const target = event.target.closest(PRESSABLE);
  if (!target) return;
  const { jump, profile, openChannel, useCommand, action } = target.dataset;
  if (jump && !context.list.jump(jump)) toast(NOT_HERE);
  if (profile) openProfile(target, person(profile));
  if (openChannel) store.open(openChannel);
  if (useCommand) context.composer.use(useCommand);
  if (action) act(action, target, context);
}

function act(action, target, { trySample, composer }) {
  const { message } = messageAt(target);
  if (action === 'try-sample') trySample(target.dataset.sample);
  if (!message) return;
  if (action === 'react') openReactions(target, message);
  if (action === 'reply') composer.replyTo(message);
  if (action === 'more') openMessageMenu(target, message);
  if (action === 'dismiss') store.dismiss(message.id);
}

function person(id) {
  if (id === store.bot.id) return { ...store.bot, bot: true };
  const author = store.list().find((message) => message.author.id === id)?.author;
  return store.members.get(id) ?? author ?? { id, bot: isBot({ id }) };
}

function onContextMenu(event) {
  if (event.target.closest('a, input, textarea') || !getSelection().isCollapsed) return;
  const { article, message } = messageAt(event.target);
  const face = event.target.closest('[data-profile]');
  if (face) { event.preventDefault(); openProfile(face, person(face.dataset.profile)); return; }
  if (!message) return;
  event.preventDefault();
  const point = { left: event.clientX, right: event.clientX, top: event.clientY, bottom: event.clientY };
  openMessageMenu(article, message, event.clientX ? point : undefined);
}

function onKey(event, list) {
  if (!event.target.matches('article[data-message-id]')) return;
  if (['ArrowUp', 'ArrowDown', 'Home', 'End'].includes(event.key)) {
    event.preventDefault();
    moveFocus(list.list, event.target, event.key);
  }
  if (event.key === 'Enter') { event.preventDefault(); openMessageMenu(event.target, messageAt(event.target).message); }
}
