import { h, icon } from '../core/dom.js';
import { store } from '../core/store.js';
import { isOnlyYou } from './actions.js';

const FAILED = 'This interaction failed';

/** The lines under a message: that a press failed, and that only you can see it. */
export function notes(message) {
  const pressed = store.pressed.get(message.id);
  return [
    pressed?.state === 'failed' && note('failed', 'warning', failureText(pressed.error)),
    isOnlyYou(message) && note('only-you', 'eye', 'Only you can see this ·', dismissButton()),
  ].filter(Boolean);
}

function note(kind, drawing, ...children) {
  return h('div', { class: 'note', role: kind === 'failed' ? 'alert' : null, dataset: { kind } }, icon(drawing), children);
}

function dismissButton() {
  return h('button', { type: 'button', dataset: { action: 'dismiss' } }, 'Dismiss message');
}

function failureText(error) {
  if (!error || error === FAILED) return FAILED;
  return `${FAILED}: ${error.charAt(0).toLowerCase()}${error.slice(1)}`;
}

/** Shows on a message which of its components waits for the bot, and what failed. */
export function showPressed(article, message) {
  const pressed = store.pressed.get(message.id);
  for (const element of article.querySelectorAll('[data-custom-id]')) {
    const state = element.dataset.customId === pressed?.customId ? pressed.state : 'idle';
    element.dataset.state = state;
    if (state === 'pending') element.setAttribute('aria-busy', 'true');
    else element.removeAttribute('aria-busy');
  }
  article.querySelector(':scope > .notes').replaceChildren(...notes(message));
}
