import { dots, h, icon } from '../core/dom.js';
import { press } from '../core/wire.js';
import { safeUrl, withEmoji } from '../text/render.js';

const STYLES = { 1: 'primary', 2: 'secondary', 3: 'success', 4: 'danger', 5: 'link', 6: 'premium' };

/** A message's button. While the bot has not answered, it shows that. */
export function messageButton(component, message) {
  const style = STYLES[component.style] ?? 'secondary';
  const inside = [emoji(component.emoji), component.label && h('span', {}, withEmoji(component.label))];
  if (style === 'link') return linkButton(component, inside);
  const element = h('button', {
    type: 'button', class: 'button', disabled: component.disabled || style === 'premium',
    'aria-label': component.label ? null : component.emoji?.name,
    dataset: { style, customId: component.custom_id, state: 'idle' },
  }, inside, dots());
  element.addEventListener('click', () => {
    if (element.dataset.state !== 'pending') press(message, component.custom_id);
  });
  return element;
}

function linkButton(component, inside) {
  const href = component.disabled ? null : safeUrl(component.url);
  return h('a', {
    class: 'button', href, target: '_blank', rel: 'noopener noreferrer', 'aria-disabled': href ? null : 'true',
    role: href ? null : 'link', dataset: { style: 'link' },
  }, inside, icon('external'));
}

/** An emoji of a component or a reaction. */
export function emoji(value) {
  if (!value) return null;
  if (value.id) return h('img', { class: 'emoji', alt: `:${value.name}:`, src: `/cdn/emojis/${value.id}.webp` });
  return h('i', { class: 'emoji', 'aria-hidden': 'true' }, value.name);
}
