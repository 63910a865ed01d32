import { div, h, icon, span } from '../core/dom.js';
import { emojiKey, setReaction } from '../core/wire.js';
import { emoji } from '../components/button.js';
import { closeAll, openPopup } from '../overlay/popup.js';

export const OFFERED = ['🔁', '👍', '❤️', '😄', '🎉', '👀', '🔥', '⭐', '🙏', '😮', '😢', '👎'];

/** The reactions under a message, each a switch, and a button for another one; null if there are none. */
export function reactionRow(message) {
  const reactions = (message.reactions ?? []).filter((reaction) => reaction.count > 0);
  if (!reactions.length) return null;
  const buttons = reactions.map((reaction) => one(reaction, message));
  return h('div', { class: 'reactions', role: 'group', 'aria-label': 'Reactions' }, buttons, another());
}

function another() {
  const dataset = { kind: 'add', action: 'react' };
  return h('button', { type: 'button', class: 'reaction', 'aria-label': 'Add a reaction', dataset }, icon('react'));
}

function one({ emoji: what, count, me }, message) {
  const times = `${count} ${count === 1 ? 'reaction' : 'reactions'}`;
  return h('button', {
    type: 'button', class: 'reaction', 'aria-pressed': String(Boolean(me)),
    'aria-label': `${what.name}, ${times}${me ? ', yours among them' : ''}`,
    dataset: { emoji: emojiKey(what), count: String(count) }, onclick: () => setReaction(message, what, !me),
  }, emoji(what), span('number', String(count)));
}

/** Opens the small board of emoji to react with; 🔁 comes first. */
export function openReactions(anchor, message) {
  const choose = (name) => { closeAll(); setReaction(message, { id: null, name }, true); };
  const button = (name) => h('button', {
    type: 'button', class: 'emoji', 'aria-label': name, dataset: { emoji: name }, onclick: () => choose(name),
  }, name);
  const attributes = { role: 'dialog', 'aria-label': 'React with' };
  const content = [div('emoji-grid', OFFERED.map(button))];
  const popup = openPopup({ anchor, side: 'below-end', attributes, content });
  const all = [...popup.box.querySelectorAll('button')];
  popup.box.addEventListener('keydown', (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 6, ArrowUp: -6 }[event.key];
    if (by) { event.preventDefault(); all[all.indexOf(document.activeElement) + by]?.focus(); }
  });
  all[0].focus();
}
