import { button, div, freshId, h } from '../core/dom.js';
import { toast } from '../overlay/toast.js';

/** A titled part of the drawer. */
export function section(title, says, ...children) {
  const id = freshId('part');
  const sentence = says && h('p', { class: 'says' }, says);
  return h('section', { 'aria-labelledby': id }, h('h3', { id }, title), sentence, children);
}

/** A switch with a sentence that says what it shows. */
export function switchRow({ key, label, says, onchange }) {
  const id = freshId('switch');
  const control = h('button', {
    type: 'button', class: 'switch', role: 'switch', 'aria-checked': 'false', 'aria-labelledby': id,
    'aria-describedby': `${id}-says`, dataset: { switch: key },
  });
  control.addEventListener('click', () => onchange(control.getAttribute('aria-checked') !== 'true'));
  const text = div('switch-text', h('b', { id }, label), h('p', { class: 'says', id: `${id}-says` }, says));
  return { element: div('switch-row', text, control), set: (on) => control.setAttribute('aria-checked', String(Boolean(on))) };
}

/** Runs what a control does; a refusal becomes a notice. */
export async function attempt(act, done) {
  try {
    const answer = await act();
    if (done) toast({ title: done });
    return answer;
  } catch (error) {
    toast({ title: 'That did not work', text: error.message, kind: 'error' });
    return undefined;
  }
}

/** A plain button of the drawer, with a name for tests. */
export function action(label, name, run, props = {}) {
  return button(label, { style: 'secondary', ...props, dataset: { action: name }, onclick: run });
}
