import { div, dots, freshId, h, span } from '../core/dom.js';
import { avatar, isBot, nameColour, nameOf } from '../core/people.js';
import { fullDate, sentAt, shortTime } from '../core/time.js';
import { mentionsMe } from '../core/unread.js';
import { fileCard } from '../components/file.js';
import { gallery, pictureOf } from '../components/gallery.js';
import { renderComponent } from '../components/render.js';
import { isJumbo, markdown } from '../text/render.js';
import { isOnlyYou } from './actions.js';
import { contextLine } from './context.js';
import { embed } from './embed.js';
import { showPressed } from './notes.js';
import { reactionRow } from './reactions.js';

const LOADING = 128;
const COMPONENTS_V2 = 32768;
const MOST_PICTURES = 10;

/**
 * One message.
 *
 * @param {object} message as Discord sends it
 * @param {boolean} grouped whether it goes on where the author's last message ended
 */
export function messageElement(message, grouped) {
  const id = freshId('message');
  const thinking = hasFlag(message, LOADING);
  const dataset = {
    messageId: message.id, authorId: message.author.id, state: thinking ? 'thinking' : 'sent', grouped,
    onlyYou: isOnlyYou(message), mentionsMe: mentionsMe(message),
  };
  const attributes = { class: 'message', tabindex: '-1', 'aria-labelledby': `${id}-name ${id}-body`, dataset };
  const head = grouped ? [sideTime(message, id)] : [contextLine(message), face(message), byline(message, id)];
  const inside = h('div', { class: 'message-body', id: `${id}-body` }, thinking ? thinks(message) : body(message));
  const element = h('article', attributes, head, inside, reactionRow(message), div('notes'));
  showPressed(element, message);
  return element;
}

function hasFlag(message, flag) {
  return Boolean((message.flags ?? 0) & flag);
}

/** A larger target for the pointer; the name beside it does the same for the keyboard. */
function face({ author }) {
  const attributes = { type: 'button', class: 'face', tabindex: '-1', 'aria-hidden': 'true', dataset: { profile: author.id } };
  return h('button', attributes, avatar(author));
}

function sideTime({ author, timestamp }, id) {
  const name = h('span', { class: 'visually-hidden', id: `${id}-name` }, nameOf(author));
  return span('side-time', name, shortTime(timestamp));
}

function byline({ author, timestamp }, id) {
  const style = { '--name': nameColour(author) };
  const name = h('button', { type: 'button', class: 'name', style, dataset: { profile: author.id } }, nameOf(author));
  return h('div', { class: 'byline', id: `${id}-name` }, name, isBot(author) && span('badge', 'App'), sentAt(timestamp));
}

function thinks({ author }) {
  return div('thinking', dots(), `${nameOf(author)} is thinking…`);
}

function body(message) {
  const v2 = hasFlag(message, COMPONENTS_V2);
  const text = !v2 && message.content ? content(message) : null;
  const components = (message.components ?? []).map((component) => renderComponent(component, message));
  const parts = [...(v2 ? [] : classicParts(message)), ...components].filter(Boolean);
  const mark = edited(message);
  if (text && mark) endOf(text).append(mark);
  return [text, parts.length > 0 && div('parts', parts), !text && mark && h('div', {}, mark)];
}

function content(message) {
  const jumbo = !(message.components ?? []).length && isJumbo(message.content);
  return h('div', { class: 'content', dataset: { jumbo } }, markdown(message.content));
}

/** Where the last line of a text ends, so that "(edited)" stands beside it. */
function endOf(text) {
  const last = text.querySelector('.md').lastElementChild;
  return last?.matches('p, small') ? last : text;
}

function edited({ edited_timestamp: at }) {
  return at && h('span', { class: 'edited', dataset: { tip: `Edited ${fullDate(at)}` } }, '(edited)');
}

/** Pictures as a gallery, other files below it, then the embeds. */
function classicParts(message) {
  const all = message.attachments ?? [];
  const pictures = all.filter(isPicture);
  const shown = pictures.slice(0, MOST_PICTURES).map((one) => pictureOf(one, message));
  return [
    shown.length > 0 && gallery(shown, message),
    ...all.filter((one) => !isPicture(one)).map((one) => fileCard({ url: one.url, name: one.filename, bytes: one.size })),
    ...(message.embeds ?? []).map((data) => embed(data, message)),
  ];
}

/** What claims to be an image but could not be measured is shown as a file, as Discord does. */
function isPicture({ content_type: type = '', width }) {
  return type.startsWith('video/') || (type.startsWith('image/') && Boolean(width));
}
