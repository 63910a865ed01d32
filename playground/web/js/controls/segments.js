import { freshId, h } from '../core/dom.js';

/** A few values side by side, of which one is chosen. */
export function segments({ label, choices, value, onchange }) {
  const name = freshId('segments');
  const radio = (choice) => h('input', {
    type: 'radio', class: 'visually-hidden', name, value: String(choice.value), checked: choice.value === value,
  });
  const labels = choices.map((choice) => h('label', {}, radio(choice), choice.label));
  const element = h('div', { class: 'segments', role: 'radiogroup', 'aria-label': label }, labels);
  element.addEventListener('change', () => onchange?.());
  const chosen = () => element.querySelector(':checked')?.value;
  const read = () => choices.find((choice) => String(choice.value) === chosen())?.value;
  const set = (next) => {
    for (const input of element.querySelectorAll('input')) input.checked = input.value === String(next);
  };
  return { element, input: element, value: read, set };
}
