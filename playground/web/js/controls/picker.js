import { div, h, icon, span } from '../core/dom.js';
import { openListbox } from '../overlay/listbox.js';

/**
 * A button that shows what was picked and opens the list to pick from.
 *
 * @param {object} options
 * @param {() => import('../overlay/listbox.js').Choice[]} options.choices asked for anew at every opening
 * @param {string} options.label
 * @param {string} [options.placeholder]
 * @param {string[]} [options.selected]
 * @param {number} [options.min]
 * @param {number} [options.max]
 * @param {boolean} [options.disabled]
 * @param {(values: string[]) => void} [options.onchange]
 * @returns {{
 *   element: HTMLElement, input: HTMLElement, values: () => string[], set: (values: string[]) => void, open: () => void,
 * }}
 */
export function picker({
  choices, label, placeholder = 'Choose', selected = [], min = 1, max = 1, disabled = false, onchange,
}) {
  let values = [...selected];
  const shown = h('span', { class: 'value' });
  const input = h('button', {
    type: 'button', class: 'select-button', role: 'combobox', 'aria-haspopup': 'listbox', 'aria-expanded': 'false',
    disabled,
  }, shown, icon('down'));
  const element = div('select', input);

  const draw = () => {
    const picked = choices().filter((choice) => values.includes(choice.value));
    shown.toggleAttribute('data-empty', picked.length === 0);
    shown.toggleAttribute('data-many', picked.length > 1);
    shown.replaceChildren(...(picked.length ? picked.map(pick) : [placeholder]));
    const names = picked.map((choice) => choice.label).join(', ');
    input.setAttribute('aria-label', names ? `${label}: ${names}` : label);
  };
  const set = (next) => { values = next; draw(); onchange?.(values); };
  const open = () => openListbox({ anchor: input, choices: choices(), selected: values, min, max, label, onpick: set });
  input.addEventListener('click', () => { if (element.dataset.state !== 'pending') open(); });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { event.preventDefault(); open(); }
  });
  draw();
  return { element, input, values: () => values, set, open };
}

function pick(choice) {
  return span('pick', choice.face?.(), choice.label);
}
