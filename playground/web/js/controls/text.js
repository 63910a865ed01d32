import { h } from '../core/dom.js';

/**
 * A text of one or several lines.
 *
 * @param {object} options
 * @param {string} [options.value]
 * @param {string} [options.placeholder]
 * @param {boolean} [options.lines] whether Enter makes a new line
 * @param {(text: string) => void} [options.oninput]
 */
export function textControl({ value = '', placeholder = '', lines = false, oninput }) {
  const input = h('textarea', {
    class: 'input', rows: '1', placeholder, spellcheck: 'true', autocomplete: 'off', dataset: { paragraph: lines },
  });
  input.value = value;
  input.addEventListener('input', () => oninput?.(input.value));
  return { element: input, input, value: () => input.value, set: (text) => { input.value = text; oninput?.(text); } };
}

/**
 * Why a text may not be sent, or null. Lengths are counted in characters; more than the most can be typed, so that
 * a pasted text is not cut in silence.
 */
export function textError(text, { required, min, max }) {
  const length = [...text].length;
  if (!text.trim()) return required ? 'Please fill this in.' : null;
  if (min && length < min) return `At least ${min} characters, please.`;
  if (max && length > max) return `At most ${max} characters: ${length - max} too many.`;
  return null;
}

/** What the counter says, and whether it is over; empty while there is plenty of room. */
export function countText(text, { min, max }) {
  const length = [...text].length;
  if (max && (length > max * 0.6 || max <= 200)) return [`${length} / ${max}`, length > max];
  if (min && length > 0 && length < min) return [`${length}, at least ${min}`, false];
  return ['', false];
}
