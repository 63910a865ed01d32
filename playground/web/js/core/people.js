/** Names, colours and faces of people, roles and the bot. */
import { h } from './dom.js';
import { store } from './store.js';

const HUES = ['#5d6ae0', '#c2557d', '#2f8f83', '#b0652b', '#7a58c9', '#3f86bd', '#8a7a2c', '#b14f4f'];

/** @param {string|number|undefined|null} value Discord's integer, or a CSS colour */
export function colour(value) {
  if (value === undefined || value === null || value === '' || value === 0) return null;
  return typeof value === 'number' ? `#${value.toString(16).padStart(6, '0')}` : value;
}

export function isBot(user) {
  return Boolean(user?.bot) || user?.id === store.bot.id;
}

export function nameOf(user) {
  if (!user) return 'Somebody';
  if (user.id === store.bot.id) return store.bot.name || user.username;
  return store.members.get(user.id)?.name ?? user.global_name ?? user.username ?? user.name ?? 'Somebody';
}

/** The colour of a member's name: that of their first coloured role. */
export function nameColour(user) {
  const member = store.members.get(user?.id);
  for (const id of member?.roles ?? []) {
    const found = colour(store.roles.get(id)?.color);
    if (found) return found;
  }
  return null;
}

export function avatarColour(user) {
  const own = colour(store.members.get(user?.id)?.avatar_color ?? user?.avatar_color);
  if (own) return own;
  const digits = String(user?.id ?? '0').slice(-4);
  return HUES[Number.parseInt(digits, 10) % HUES.length || 0];
}

/** A round face: the bot's own picture, or initials on a colour. Never read out; the name beside it is. */
export function avatar(user, size) {
  const style = { '--avatar': avatarColour(user), '--size': size ? `${size}px` : null };
  const face = isBot(user) ? h('img', { src: '/assets/icon.svg', alt: '' }) : initials(nameOf(user));
  return h('span', { class: 'avatar', style, 'aria-hidden': 'true' }, face);
}

function initials(name) {
  const words = name.trim().split(/[\s._-]+/u).filter(Boolean);
  const letters = words.length > 1 ? [...words[0]][0] + [...words[1]][0] : [...(words[0] ?? '?')].slice(0, 1).join('');
  return letters;
}

export function me() {
  return store.members.get(store.me);
}

/** Whether the current person may do what moderators do. */
export function iModerate() {
  return Boolean(me()?.moderator);
}
