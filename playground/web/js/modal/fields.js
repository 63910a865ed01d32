import { div, h } from '../core/dom.js';
import { selectPicker, SELECTS } from '../components/select.js';
import { field } from '../controls/field.js';
import { FilesControl } from '../controls/files.js';
import { countText, textControl, textError } from '../controls/text.js';
import { markdown } from '../text/render.js';

const [ROW, INPUT, TEXT, LABEL, UPLOAD, RADIOS, CHECKS, CHECK] = [1, 4, 10, 18, 19, 21, 22, 23];
const PARAGRAPH = 2;

/**
 * One part of a modal.
 *
 * @typedef {object} Part
 * @property {HTMLElement} element
 * @property {() => string|null} check says what is wrong, beside the field too
 * @property {() => Promise<object>} submit what is sent for it, in Discord's shape
 * @property {() => void} [focus]
 * @property {(files: File[]) => File[]} [take] takes dropped or pasted files, returns those left over
 */

/** @returns {Part|null} the part for one of a modal's top components */
export function modalPart(component) {
  const { type, id } = component;
  if (type === TEXT) return textPart(component);
  if (type === LABEL) return wrap(inner(component.component, component), (body) => ({ type, id, component: body }));
  if (type === ROW) return rowPart(component);
  return null;
}

function textPart({ content, id }) {
  return { element: div('plain', markdown(content)), check: () => null, submit: async () => ({ type: TEXT, id }) };
}

/** The older shape: a row with one text field that carries its own label. */
function rowPart({ components: [input], id }) {
  return wrap(inner(input, { label: input.label ?? '' }), (body) => ({ type: ROW, id, components: [body] }));
}

function wrap(part, shape) {
  return part && { ...part, submit: async () => shape(await part.submit()) };
}

function inner(component, label) {
  if (component.type === INPUT) return inputPart(component, label);
  if (component.type === UPLOAD) return uploadPart(component, label);
  if (SELECTS[component.type]) return selectPart(component, label);
  if ([RADIOS, CHECKS, CHECK].includes(component.type)) return choicePart(component, label);
  return null;
}

/**
 * Puts a control into its field and ties both together.
 *
 * @param {object} component
 * @param {{label: string, description?: string}} label
 * @param {{element: HTMLElement, input: HTMLElement}} control
 * @param {{required: boolean, problem: () => string|null, value: () => object|Promise<object>}} rules
 */
function makePart(component, { label, description }, control, { required, problem, value }) {
  const data = { customId: component.custom_id };
  const { element, input } = control;
  const box = field({ label, says: description, required, data, control: element, input, wide: true });
  const check = () => {
    const text = problem();
    box.setError(text);
    return text;
  };
  const named = { type: component.type, id: component.id, custom_id: component.custom_id };
  return {
    box, check, element: box.element, focus: () => input.focus(),
    submit: async () => ({ ...named, ...await value() }),
    recheck: () => { if (box.element.dataset.state) check(); },
  };
}

function inputPart(component, label) {
  const limits = { required: component.required !== false, min: component.min_length, max: component.max_length };
  const control = textControl({
    value: component.value ?? '', placeholder: component.placeholder ?? '', lines: component.style === PARAGRAPH,
    oninput: () => { count(); part.recheck(); },
  });
  const part = makePart(component, label, control, {
    required: limits.required,
    problem: () => textError(control.value(), limits),
    value: () => ({ value: control.value() }),
  });
  const count = () => part.box.count(...countText(control.value(), limits));
  count();
  return part;
}

function selectPart(component, label) {
  const required = component.required !== false;
  const least = component.min_values ?? 1;
  const control = selectPicker(component, {
    label: label.label, min: required ? least : 0, onchange: () => part.check(),
  });
  const part = makePart(component, label, control, {
    required,
    problem: () => (required && control.values().length < least ? tooFew(least) : null),
    value: () => ({ values: control.values() }),
  });
  return part;
}

function tooFew(least) {
  return least > 1 ? `Choose at least ${least}.` : 'Please choose one.';
}

function uploadPart(component, label) {
  const least = component.min_values ?? 1;
  const required = component.required !== false && least > 0;
  const control = new FilesControl({
    max: component.max_values ?? 1, min: required ? least : 0, label: label.label, onchange: () => part.recheck(),
  });
  const part = makePart(component, label, control, {
    required,
    problem: () => control.error(required),
    value: async () => ({ values: await control.ids() }),
  });
  return { ...part, take: (files) => control.add(files) };
}

/** Radio buttons, a group of check boxes, or a single one. */
function choicePart(component, label) {
  const single = component.type === CHECK;
  const options = single ? [{ value: 'on', label: label.label, default: component.default }] : component.options;
  const required = !single && component.required !== false;
  const list = choiceList(component, options);
  const chosen = () => [...list.querySelectorAll(':checked')].map((input) => input.value);
  const values = {
    [RADIOS]: () => ({ value: chosen()[0] ?? null }),
    [CHECKS]: () => ({ values: chosen() }),
    [CHECK]: () => ({ value: chosen().length > 0 }),
  };
  const part = makePart(component, single ? { ...label, label: '' } : label, { element: list, input: list }, {
    required,
    problem: () => (required && chosen().length < (component.min_values ?? 1) ? 'Please choose.' : null),
    value: values[component.type],
  });
  return { ...part, focus: () => list.querySelector('input').focus() };
}

function choiceList({ type, custom_id: name }, options) {
  const kind = type === RADIOS ? 'radio' : 'checkbox';
  const rows = options.map((option) => h('label', {},
    h('input', { type: kind, name, value: option.value, checked: option.default }),
    h('span', {}, option.label, option.description && h('small', {}, option.description))));
  return h('div', { class: 'choice-list', role: type === RADIOS ? 'radiogroup' : 'group' }, rows);
}
