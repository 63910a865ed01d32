import { h } from '../core/dom.js';
import { avatar, colour, nameOf } from '../core/people.js';
import { store } from '../core/store.js';
import { press } from '../core/wire.js';
import { picker } from '../controls/picker.js';
import { emoji } from './button.js';

export const SELECTS = { 3: 'string', 5: 'user', 6: 'role', 7: 'mentionable', 8: 'channel' };

/** What can be picked in a select or option of this kind. */
export function choicesOf(kind, { options = [], channelTypes } = {}) {
  const people = () => [...store.members.values(), { ...store.bot, bot: true }].map((user) => ({
    value: user.id, label: nameOf(user), note: user.bot ? 'App' : null, face: () => avatar(user),
  }));
  const roles = () => [...store.roles.values()].map((role) => ({
    value: role.id, label: role.name, note: 'Role', face: () => h('i', {
      class: 'role-dot', style: { '--role': colour(role.color) },
    }),
  }));
  if (kind === 'user') return people();
  if (kind === 'role') return roles();
  if (kind === 'mentionable') return [...people(), ...roles()];
  if (kind === 'channel') return channels(channelTypes);
  return options.map((option) => ({
    value: option.value, label: option.label, note: option.description,
    face: option.emoji ? () => emoji(option.emoji) : null,
  }));
}

function channels(types) {
  return store.channels.filter((channel) => channel.type !== 1 && (!types?.length || types.includes(channel.type)))
    .map((channel) => ({ value: channel.id, label: `#${channel.name}` }));
}

/** The picker of a select component, in a message or a modal. */
export function selectPicker(component, props) {
  const kind = SELECTS[component.type];
  const options = component.options ?? [];
  const chosen = options.filter((option) => option.default).map((option) => option.value);
  const defaults = kind === 'string' ? chosen : (component.default_values ?? []).map((one) => one.id);
  return picker({
    choices: () => choicesOf(kind, { options, channelTypes: component.channel_types }),
    placeholder: component.placeholder || 'Make a selection', selected: defaults,
    min: component.min_values ?? 1, max: component.max_values ?? 1, disabled: component.disabled, ...props,
  });
}

/** A message's select: picking sends at once. */
export function messageSelect(component, message) {
  const control = selectPicker(component, {
    label: component.placeholder || 'Select', onchange: (values) => press(message, component.custom_id, values),
  });
  control.element.dataset.customId = component.custom_id;
  control.element.dataset.state = 'idle';
  return control.element;
}
