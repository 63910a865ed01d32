import { button, div, h, iconButton } from '../core/dom.js';
import { post } from '../core/http.js';
import { avatar, nameOf } from '../core/people.js';
import { store } from '../core/store.js';
import { field } from '../controls/field.js';
import { segments } from '../controls/segments.js';
import { openDialog } from '../overlay/dialog.js';
import { openMenu } from '../overlay/menu.js';

const EXPLANATION = 'Joins the server at once. You become them, and can go back at any time.';
const MODERATOR = ['MANAGE_GUILD', 'MODERATE_MEMBERS', 'MANAGE_MESSAGES'];

/** The menu of people that one can be. */
export function openPeople(anchor, become) {
  const people = [...store.members.values()].map((member) => ({
    label: nameOf(member),
    note: member.moderator ? 'Moderator' : 'Member',
    face: avatar(member),
    checked: member.id === store.me,
    data: { member: member.name },
    run: () => become(member.id),
  }));
  const newcomer = { label: 'Somebody new…', icon: 'user-plus', run: () => openNewcomer(become) };
  const items = [{ title: 'You are' }, ...people, { kind: 'line' }, newcomer];
  openMenu({ anchor, side: 'above', label: 'Be somebody else', items });
}

/** Asks for a name, lets somebody of that name join, and becomes them. */
function openNewcomer(become) {
  const input = h('input', { class: 'input', type: 'text', maxlength: '32', autocomplete: 'off', placeholder: 'carla' });
  const name = field({ label: 'Name', required: true, control: input, input });
  const choices = [{ value: false, label: 'Member' }, { value: true, label: 'Moderator' }];
  const kind = segments({ label: 'What they are', choices, value: false });
  const role = field({ label: 'What they are', control: kind.element, input: kind.element });
  const dialog = h('dialog', { class: 'modal', 'aria-label': 'Somebody new' });
  const close = () => dialog.close();
  const form = h('form', { novalidate: true },
    div('modal-head', h('h2', {}, 'Somebody new'), iconButton('close', 'Close', { onclick: close })),
    div('modal-body', h('p', { class: 'plain' }, EXPLANATION), name.element, role.element),
    div('modal-foot', button('Cancel', { style: 'quiet', onclick: close }), button('Join', { style: 'primary', type: 'submit' })));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const problem = await join(input.value.trim(), kind.value(), become);
    if (problem) { name.setError(problem); input.focus(); } else close();
  });
  dialog.append(form);
  openDialog(dialog);
  input.focus();
}

/** Resolves with what went wrong, or null. */
async function join(name, moderator, become) {
  if (!name) return 'Please give a name.';
  try {
    const member = await post('/page/members', { name, roles: [], permissions: moderator ? MODERATOR : [] });
    become(member.user?.id ?? member.id);
    return null;
  } catch (error) {
    return error.message;
  }
}
