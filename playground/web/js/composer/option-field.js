import { choicesOf } from '../components/select.js';
import { field } from '../controls/field.js';
import { numberControl, numberError } from '../controls/number.js';
import { picker } from '../controls/picker.js';
import { segments } from '../controls/segments.js';
import { withSuggestions } from '../controls/suggest.js';
import { countText, textControl, textError } from '../controls/text.js';
import { OPTION } from './commands.js';

const KINDS = {
  [OPTION.USER]: 'user', [OPTION.CHANNEL]: 'channel', [OPTION.ROLE]: 'role', [OPTION.MENTIONABLE]: 'mentionable',
};

/**
 * The field for one option of a command (attachments have their own).
 *
 * @param {object} option as registered
 * @param {{onremove?: () => void, ask: () => Promise<object[]|undefined>}} hooks `ask` fetches suggestions
 * @returns {{
 *   option: object, element: HTMLElement, read: () => any, check: () => string|null, focus: () => void,
 *   open: () => void, set: (value: any) => void,
 * }}
 */
export function optionField(option, hooks) {
  if (option.choices?.length) return choiceField(option, hooks);
  if (option.type === OPTION.BOOLEAN) return booleanField(option, hooks);
  if (option.type === OPTION.INTEGER || option.type === OPTION.NUMBER) return numberField(option, hooks);
  if (KINDS[option.type]) return entityField(option, hooks);
  return stringField(option, hooks);
}

function shell(option, hooks, control, { wide = false, error }) {
  const box = field({
    label: option.name, says: option.description, required: option.required, wide, data: { option: option.name },
    control: control.element, input: control.input, onremove: hooks.onremove,
  });
  const check = () => { const text = error(); box.setError(text); return text; };
  return {
    option, box, element: box.element, check, focus: () => control.input.focus(),
    open: control.open ?? (() => control.input.focus()),
  };
}

/** A field that was found wrong once is checked at every change from then on. */
function recheck(made) {
  if (made.element.dataset.state) made.check();
}

function stringField(option, hooks) {
  const limits = { required: option.required, min: option.min_length, max: option.max_length };
  const control = textControl({
    oninput: (text) => { made.box.count(...countText(text, limits)); recheck(made); },
  });
  const made = shell(option, hooks, control, { wide: true, error: () => textError(control.value(), limits) });
  if (option.autocomplete) withSuggestions(control.input, hooks.ask, (choice) => control.set(String(choice.value)));
  return { ...made, read: () => (control.value().trim() ? control.value() : undefined), set: control.set };
}

function numberField(option, hooks) {
  const limits = {
    required: option.required, whole: option.type === OPTION.INTEGER, min: option.min_value, max: option.max_value,
  };
  const control = numberControl({ ...limits, oninput: () => recheck(made) });
  const made = shell(option, hooks, control, { error: () => numberError(control.value(), limits) });
  if (option.autocomplete) withSuggestions(control.input, hooks.ask, (choice) => control.set(choice.value));
  return { ...made, read: control.value, set: control.set };
}

function booleanField(option, hooks) {
  const choices = [{ value: true, label: 'True' }, { value: false, label: 'False' }];
  const control = segments({ label: option.name, choices, value: option.required ? undefined : true });
  const error = () => (option.required && control.value() === undefined ? 'Please choose one.' : null);
  const made = shell(option, hooks, control, { error });
  const focus = () => control.element.querySelector('input').focus();
  return { ...made, focus, open: focus, read: control.value, set: control.set };
}

function choiceField(option, hooks) {
  const choices = option.choices.map((choice) => ({ value: String(choice.value), label: choice.name }));
  const read = (text) => option.choices.find((choice) => String(choice.value) === text)?.value;
  return pickField(option, hooks, () => choices, read);
}

function entityField(option, hooks) {
  const choices = () => choicesOf(KINDS[option.type], { channelTypes: option.channel_types });
  return pickField(option, hooks, choices, (id) => id);
}

function pickField(option, hooks, choices, read) {
  const control = picker({ choices, label: option.name, placeholder: 'Choose', onchange: () => made.check() });
  const value = () => (control.values().length ? read(control.values()[0]) : undefined);
  const error = () => (option.required && value() === undefined ? 'Please choose one.' : null);
  const made = shell(option, hooks, control, { error });
  return { ...made, read: value, set: (next) => control.set([String(next)]) };
}
