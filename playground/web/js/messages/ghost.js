import { button, div, dots, h, icon, span } from '../core/dom.js';
import { avatar, nameColour, nameOf } from '../core/people.js';
import { store } from '../core/store.js';

/** A command on its way, or one that got no answer. */
export function ghostElement(ghost) {
  const failed = ghost.state === 'failed';
  const bot = { ...store.bot, bot: true };
  const head = div('byline', span('name', nameOf(bot)), span('badge', 'App'));
  const body = failed ? failure(ghost) : div('thinking', dots(), 'Sending the command…');
  const dataset = { state: ghost.state, nonce: ghost.nonce, onlyYou: failed };
  return h('article', { class: 'message ghost', dataset }, context(ghost), span('face', avatar(bot)), head, body);
}

function context({ title }) {
  const me = { id: store.me };
  const name = h('b', { style: { '--name': nameColour(me) } }, nameOf(me));
  return div('context', avatar(me), name, h('span', {}, 'used'), h('code', {}, title));
}

function failure({ nonce, error, again }) {
  const forget = () => store.exorcise(nonce);
  const back = again && button('Back to the form', { style: 'quiet', onclick: () => { forget(); again(); } });
  return [
    h('div', { class: 'note', role: 'alert', dataset: { kind: 'failed' } }, icon('warning'), error),
    div('action-row', back, button('Dismiss', { style: 'quiet', onclick: forget })),
  ];
}
