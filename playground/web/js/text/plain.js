/** A message in one line of plain words: for replies, notices and screen readers. */
import { nameOf } from '../core/people.js';
import { store } from '../core/store.js';
import { relative } from '../core/time.js';
import { parse } from './parse.js';

function words(node) {
  switch (node.type) {
    case 'mention': return mentioned(node);
    case 'command': return `/${node.name}`;
    case 'time': return relative(node.unix);
    case 'emoji': return `:${node.name}:`;
    case 'spoiler': return '▒▒▒';
    case 'list': return node.items.map((item) => item.children.map(words).join('')).join(', ');
    default: return node.text ?? (node.children ?? []).map(words).join('');
  }
}

function mentioned(node) {
  if (node.kind === 'user') return `@${nameOf({ id: node.id })}`;
  if (node.kind === 'role') return `@${store.roles.get(node.id)?.name ?? 'role'}`;
  return node.kind === 'channel' ? `#${store.channel(node.id)?.name ?? 'channel'}` : `@${node.id}`;
}

/** Markdown without its marks. */
export function plain(source) {
  return parse(source).map(words).filter(Boolean).join(' · ').replace(/\s+/g, ' ').trim();
}

/** @returns {string[]} every text of a tree of components, in reading order */
export function componentTexts(components = []) {
  return components.flatMap((component) => [
    ...(component.type === 10 ? [component.content] : []),
    ...componentTexts(component.components),
  ]);
}

/** What a message says, at most `most` characters. */
export function summary(message, most = 140) {
  const texts = [
    message.content, ...componentTexts(message.components),
    ...(message.embeds ?? []).flatMap((e) => [e.title, e.description])
  ];
  const text = texts.filter(Boolean).map(plain).join(' · ');
  if (!text) return (message.attachments ?? []).length ? 'a file' : 'a message';
  return text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text;
}
