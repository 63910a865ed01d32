import { h } from '../core/dom.js';
import { colour, nameOf } from '../core/people.js';
import { store } from '../core/store.js';
import { timestamp } from '../core/time.js';
import { parse } from './parse.js';

const PICTOGRAM = String.raw`(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)(?:\p{EMod}|\uFE0F)?`;
const JOINED = String.raw`(?:\u200D(?:\p{Emoji_Presentation}|\p{Extended_Pictographic})\uFE0F?\p{EMod}?)*`;
const EMOJI = new RegExp(String.raw`\p{RI}\p{RI}|[#*0-9]\uFE0F?\u20E3|${PICTOGRAM}${JOINED}`, 'gu');
const TAGS = { strong: 'strong', em: 'em', underline: 'u', strike: 's' };

/** A text of a message as elements. `inline` leaves out the block around it. */
export function markdown(source, { inline = false } = {}) {
  const blocks = parse(source);
  if (inline) return blocks.flatMap((block) => (block.children ? block.children.map(span) : [block.text ?? '']));
  return h('div', { class: 'md' }, blocks.map(block));
}

function block(node) {
  switch (node.type) {
    case 'heading':
      // One level for all: a message's headings stand below the page's own, in whatever order they are.
      return h('h2', { dataset: { level: node.level } }, node.children.map(span));
    case 'subtext': return h('small', {}, node.children.map(span));
    case 'quote': return h('blockquote', {}, node.children.map(block));
    case 'list': return list(node);
    case 'code': return h('pre', {}, h('code', {}, node.text));
    default: return h('p', {}, node.children.map(span));
  }
}

function list(node) {
  const items = node.items.map((item) => h('li', {}, item.children.map(span), item.sub && list(item.sub)));
  return h(node.ordered ? 'ol' : 'ul', { start: node.ordered && node.start !== 1 ? node.start : null }, items);
}

function span(node) {
  if (TAGS[node.type]) return h(TAGS[node.type], {}, node.children.map(span));
  switch (node.type) {
    case 'text': return withEmoji(node.text);
    case 'code': return h('code', {}, node.text);
    case 'spoiler': return spoiler(node);
    case 'link': return link(node);
    case 'mention': return mention(node);
    case 'command': return commandMention(node);
    case 'time': return timestamp(node.unix, node.style);
    case 'emoji': return customEmoji(node);
    default: return node.text ?? '';
  }
}

/** A text with its emoji wrapped, so that they get the font for them. */
export function withEmoji(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(EMOJI)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(h('i', { class: 'emoji' }, match[0]));
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts;
}

/** Whether a text is nothing but a few emoji, which are then shown large. */
export function isJumbo(text) {
  const found = text.match(EMOJI);
  return Boolean(found) && found.length <= 9 && text.replace(EMOJI, '').trim() === '';
}

function spoiler(node) {
  const shell = h('span', {
    class: 'spoiler-text', role: 'button', tabindex: '0', 'aria-expanded': 'false',
    'aria-label': 'Hidden text. Press to show it.',
  },
    h('span', {}, node.children.map(span)));
  const show = () => {
    shell.setAttribute('aria-expanded', 'true');
    shell.removeAttribute('aria-label');
    shell.removeAttribute('role');
  };
  shell.addEventListener('click', show);
  shell.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); show(); }
  });
  return shell;
}

/** An address that may be followed: http or https, otherwise null. */
export function safeUrl(url) {
  try {
    const parsed = new URL(url);
    return ['http:', 'https:'].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

function link(node) {
  const href = safeUrl(node.url);
  const children = node.children.map(span);
  const target = href && messageTarget(href);
  if (target) return h('button', { type: 'button', class: 'mention', dataset: { jump: target } }, children);
  return href ? h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, children) : h('span', {}, children);
}

/** The id of the message that a Discord link points to, where this page has that message. */
function messageTarget(href) {
  const match = /\/channels\/(?:\d+|@me)\/\d+\/(\d+)$/.exec(href);
  return match && store.find(match[1]) ? match[1] : null;
}

function mention(node) {
  if (node.kind === 'user') return userMention(node.id);
  if (node.kind === 'channel') return channelMention(node.id);
  if (node.kind === 'all') return h('span', { class: 'mention' }, `@${node.id}`);
  const role = store.roles.get(node.id);
  const tint = colour(role?.color);
  const style = tint ? { '--mention-color': tint, '--mention-bg': `color-mix(in srgb, ${tint} 15%, transparent)` } : {};
  return h('span', { class: 'mention', style }, `@${role?.name ?? 'unknown role'}`);
}

function userMention(id) {
  const known = id === store.bot.id || store.members.has(id);
  const name = known ? nameOf({ id }) : 'unknown user';
  return h('button', { type: 'button', class: 'mention', dataset: { profile: id } }, `@${name}`);
}

function channelMention(id) {
  const channel = store.channel(id);
  if (!channel) return h('span', { class: 'mention' }, '#unknown');
  return h('button', { type: 'button', class: 'mention', dataset: { openChannel: id } }, `#${channel.name}`);
}

function commandMention(node) {
  return h('button', { type: 'button', class: 'mention', dataset: { useCommand: node.name } }, `/${node.name}`);
}

function customEmoji(node) {
  return h('img', {
    class: 'emoji', alt: `:${node.name}:`, src: `/cdn/emojis/${node.id}.${node.animated ? 'gif' : 'webp'}`,
  });
}
