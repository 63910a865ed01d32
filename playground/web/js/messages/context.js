import { div, h, icon, span } from '../core/dom.js';
import { avatar, nameColour, nameOf } from '../core/people.js';
import { store } from '../core/store.js';
import { summary } from '../text/plain.js';
import { withEmoji } from '../text/render.js';

/** The small line above a message: what it replies to, or the command that it answers; null for ordinary ones. */
export function contextLine(message) {
  const reference = message.message_reference;
  const used = message.interaction_metadata;
  const original = reference && originalOf(message);
  if (original || (reference && !used)) return replyLine(original);
  if (!used) return null;
  if (used.interacted_message_id && store.find(used.interacted_message_id)) return pressLine(used);
  return commandLine(used);
}

/** What a message replies to, as it is now; undefined once it was deleted. */
function originalOf(message) {
  const { message_id: id } = message.message_reference;
  return store.deleted.has(id) ? undefined : store.find(id) ?? message.referenced_message;
}

function replyLine(original) {
  if (!original) return line('reply', span('excerpt', icon('reply'), h('span', {}, 'The original message was deleted')));
  return line('reply', span('visually-hidden', 'Reply to '), face(original.author), excerpt(original));
}

function line(kind, ...children) {
  return h('div', { class: 'context', dataset: { kind } }, children);
}

function face(user) {
  return [avatar(user), h('b', { style: { '--name': nameColour(user) } }, nameOf(user))];
}

function excerpt(original) {
  const picture = (original.attachments ?? []).length > 0;
  return h('button', {
    type: 'button', class: 'excerpt', dataset: { jump: original.id },
    'aria-label': `Go to the message: ${summary(original, 60)}`,
  }, h('span', {}, withEmoji(summary(original, 160))), picture && icon('image'));
}

function pressLine(used) {
  const original = store.find(used.interacted_message_id);
  return line('press', face(used.user), h('span', {}, 'pressed a button on'), excerpt(original));
}

function commandLine(used) {
  const origin = used.triggering_interaction_metadata ?? used;
  const name = used.name ?? origin.name;
  const verb = name ? 'used' : used.type === 3 ? 'pressed a button' : 'used a form';
  return line('command', face(used.user), h('span', {}, verb), name && h('code', {}, commandName(name, origin)));
}

/** Commands of messages and users are written without a slash. */
function commandName(name, origin) {
  const registered = store.commands.some((command) => command.name === name && command.type > 1);
  const slashless = registered || origin.target_message_id || origin.target_user;
  return slashless ? name : `/${name}`;
}
