import { store } from '../core/store.js';
import { anyOpen } from '../overlay/popup.js';

/**
 * Keys that work everywhere: Alt with an arrow changes the channel, Alt with a digit the person, Esc goes to the newest
 * message, and just typing goes to the message box.
 */
export function wireKeys({ list, composer, drawer, become }) {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
    if (event.altKey && !event.ctrlKey) onAlt(event, become);
    else if (event.key === 'Escape' && !anyOpen()) onEscape({ list, composer, drawer });
    else if (startsTyping(event)) composer.input.focus();
  });
}

function onAlt(event, become) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) {
    event.preventDefault();
    const at = store.channels.findIndex((channel) => channel.id === store.current);
    store.open(store.channels[(at + by + store.channels.length) % store.channels.length].id);
  }
  const member = /^Digit[1-9]$/.test(event.code) && [...store.members.values()][Number(event.code.slice(5)) - 1];
  if (member) { event.preventDefault(); become(member.id); }
}

function onEscape({ list, composer, drawer }) {
  if (drawer.isOpen && drawer.root.contains(document.activeElement)) { drawer.toggle(false); return; }
  list.forgetUnread();
  list.toEnd(true);
  if (!composer.form) composer.input.focus({ preventScroll: true });
}

function startsTyping(event) {
  if (event.ctrlKey || event.metaKey || event.isComposing || event.key.length !== 1 || event.key === ' ') return false;
  return !event.target.closest('input, textarea, button, a, [role="listbox"], .popup');
}
