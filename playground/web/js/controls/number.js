import { div, h, icon } from '../core/dom.js';

/**
 * A number with a step down and a step up.
 *
 * @param {{whole: boolean, min?: number, max?: number, oninput?: () => void}} options
 */
export function numberControl({ whole, min, max, oninput }) {
  const input = h('input', {
    class: 'input', type: 'text', inputmode: whole ? 'numeric' : 'decimal', autocomplete: 'off',
    placeholder: hint(min, max),
  });
  const step = (by) => {
    const now = Number.parseFloat(input.value);
    const next = Number.isNaN(now) ? (min ?? 0) : now + by;
    input.value = String(Math.max(min ?? -Infinity, Math.min(max ?? Infinity, next)));
    oninput?.();
  };
  input.addEventListener('input', () => oninput?.());
  input.addEventListener('keydown', (event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (by) { event.preventDefault(); step(by); }
  });
  const element = div(
    'stepper', stepper('minus', 'Less', () => step(-1)), input, stepper('plus', 'More', () => step(1)),
  );
  const value = () => (input.value.trim() === '' ? undefined : Number(input.value.replace(',', '.')));
  return { element, input, value, set: (number) => { input.value = String(number); } };
}

function stepper(drawing, label, onclick) {
  return h('button', { type: 'button', tabindex: '-1', 'aria-label': label, onclick }, icon(drawing));
}

function hint(min, max) {
  if (min !== undefined && max !== undefined) return `${min}–${max}`;
  if (min !== undefined) return `from ${min}`;
  return max !== undefined ? `up to ${max}` : '';
}

/** Why a number may not be sent, or null. */
export function numberError(value, { required, whole, min, max }) {
  if (value === undefined) return required ? 'Please give a number.' : null;
  if (Number.isNaN(value)) return 'This is not a number.';
  if (whole && !Number.isInteger(value)) return 'A whole number, please.';
  if (min !== undefined && value < min) return `At least ${min}, please.`;
  if (max !== undefined && value > max) return `At most ${max}, please.`;
  return null;
}
