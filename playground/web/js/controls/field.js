import { div, fill, freshId, h, icon, iconButton, span } from '../core/dom.js';

/**
 * A label, a control and a line below it for the error or the counter.
 *
 * @param {object} options
 * @param {string} options.label
 * @param {string} [options.says] what it is for
 * @param {boolean} [options.required]
 * @param {boolean} [options.wide] takes a whole row
 * @param {Object<string, string>} [options.data] data attributes
 * @param {HTMLElement} options.control
 * @param {HTMLElement} options.input the element that gets focus and is labelled
 * @param {() => void} [options.onremove] offers to take the field away
 */
export function field({ label, says, required = false, wide = false, data = {}, control, input, onremove }) {
  const id = freshId('field');
  input.id ||= `${id}-input`;
  const name = labelFor(input, label, required);
  const foot = h('div', { class: 'field-foot', id: `${id}-foot` });
  input.setAttribute('aria-describedby', says ? `${id}-says ${id}-foot` : `${id}-foot`);
  if (required && input.matches('input, textarea')) input.setAttribute('aria-required', 'true');
  const element = h('div', { class: 'field', dataset: { ...data, wide, required: required ? 'true' : null } },
    div('field-head', name, required && h('span', { class: 'required', 'aria-hidden': 'true' }, '*'),
      says && h('span', { class: 'says', id: `${id}-says`, title: says }, says),
      onremove && iconButton('close', `Remove ${label}`, { class: 'drop-field', onclick: onremove })),
    control, foot);
  const counter = h('span', { class: 'counter' });
  let error = null;
  const draw = () => fill(foot, error && span('error', icon('warning'), error), counter.textContent && counter);
  return {
    element, setError: (text) => { error = text; markError(element, input, text); draw(); },
    count: (text, over) => { counter.textContent = text; counter.toggleAttribute('data-over', over); draw(); },
  };
}

function labelFor(input, label, required) {
  if (input.matches('input, textarea')) return h('label', { for: input.id }, label);
  const id = freshId('label');
  if (!input.hasAttribute('aria-label')) input.setAttribute('aria-labelledby', id);
  return h('span', { class: 'label', id }, label, required && span('visually-hidden', ' (required)'));
}

function markError(element, input, text) {
  element.dataset.state = text ? 'error' : 'ok';
  if (text) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
}
