import { button, div, h } from '../core/dom.js';
import { avatar, avatarColour, colour, isBot, nameOf } from '../core/people.js';
import { store } from '../core/store.js';
import { runCommand } from '../core/wire.js';
import { closeAll, openPopup } from './popup.js';

const EMBER = '#f2503f';

/** Commands that act on a user (type 2) or on a message (type 3). */
export function contextCommands(type) {
  return store.commands.filter((command) => command.type === type);
}

/** A card about a person or the bot, with the apps that can act on them. */
export function openProfile(anchor, user) {
  const cover = h('div', { class: 'cover', style: { '--avatar': isBot(user) ? EMBER : avatarColour(user) } });
  const attributes = { role: 'dialog', 'aria-label': `About ${nameOf(user)}`, tabindex: '-1' };
  openPopup({ anchor, attributes, kind: 'profile', content: [cover, avatar(user), about(user)] }).box.focus();
}

function about(user) {
  const member = store.members.get(user.id);
  const who = user.id === store.me ? `${whatIs(user)} · this is you` : whatIs(user);
  const apps = contextCommands(2).map((command) => userCommand(command, user));
  const roles = member?.roles?.length ? div('roles', member.roles.map(role)) : null;
  return div('about', h('h3', {}, nameOf(user)), h('p', {}, who), roles, div('apps', apps));
}

function whatIs(user) {
  if (isBot(user)) return store.bot.online ? 'App · online' : 'App · offline';
  return store.members.get(user.id)?.moderator ? 'Moderator' : 'Member';
}

function role(id) {
  const known = store.roles.get(id);
  return known && h('span', {}, h('i', { class: 'role-dot', style: { '--role': colour(known.color) } }), known.name);
}

function userCommand(command, user) {
  const run = () => { closeAll(); runCommand({ commandId: command.id, title: command.name, targetId: user.id }); };
  return button(command.name, { icon: 'apps', dataset: { command: command.name }, onclick: run });
}
