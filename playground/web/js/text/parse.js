/**
 * Discord's markdown as a tree of plain objects; nothing here touches the page.
 *
 * Blocks: paragraph, heading (level), subtext, quote, list (ordered, start, items), code (text).
 * Spans: text, strong, em, underline, strike, spoiler, code, link, mention (kind, id), command, time, emoji.
 */
const FENCE = /```(?:([\w+#.-]+)\n)?\n?([\s\S]*?)\n?```/g;
const DEPTH = 12;

/** @param {string} source @returns {object[]} blocks */
export function parse(source) {
  const blocks = [];
  let end = 0;
  for (const match of source.matchAll(FENCE)) {
    blocks.push(...parseLines(source.slice(end, match.index).replace(/\n$/, '')));
    blocks.push({ type: 'code', text: match[2], language: match[1] ?? '' });
    end = match.index + match[0].length;
  }
  const rest = end ? source.slice(end).replace(/^\n/, '') : source;
  return [...blocks, ...parseLines(rest)];
}

function parseLines(text, depth = 0) {
  if (!text) return [];
  const lines = text.split('\n');
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    const taken = takeBlock(lines, at, blocks, depth);
    at += taken;
  }
  return blocks;
}

/** Takes one block from `lines` at `at` into `blocks`; returns how many lines it took. */
function takeBlock(lines, at, blocks, depth) {
  const line = lines[at];
  const heading = /^(#{1,3})\s+(.+)$/.exec(line);
  if (heading) {
    blocks.push({ type: 'heading', level: heading[1].length, children: spans(heading[2].trim()) });
    return 1;
  }
  const subtext = /^-#\s+(.+)$/.exec(line);
  if (subtext) { blocks.push({ type: 'subtext', children: spans(subtext[1]) }); return 1; }
  if (depth < DEPTH && /^(>>> |> )/.test(line)) return takeQuote(lines, at, blocks, depth);
  if (LIST.test(line)) return takeList(lines, at, blocks);
  return takeParagraph(lines, at, blocks);
}

function takeQuote(lines, at, blocks, depth) {
  if (lines[at].startsWith('>>> ')) {
    const all = [lines[at].slice(4), ...lines.slice(at + 1)];
    blocks.push({ type: 'quote', children: parseLines(all.join('\n'), depth + 1) });
    return lines.length - at;
  }
  const inner = [];
  while (at + inner.length < lines.length && /^> ?/.test(lines[at + inner.length])) inner.push(
    lines[at + inner.length].replace(/^> ?/, '')
  );
  blocks.push({ type: 'quote', children: parseLines(inner.join('\n'), depth + 1) });
  return inner.length;
}

const LIST = /^(\s*)([-*]|\d{1,9}\.)\s+(\S.*)$/;

function takeList(lines, at, blocks) {
  const items = [];
  for (const line of lines.slice(at)) {
    const match = LIST.exec(line);
    if (!match || line.startsWith('-# ')) break;
    const item = { indent: match[1].length, mark: match[2], children: spans(match[3]) };
    if (items.length && item.indent <= items[0].indent && isOrdered(item) !== isOrdered(items[0])) break;
    items.push(item);
  }
  blocks.push(nest(items));
  return items.length;
}

function isOrdered(item) {
  return /\d/.test(item.mark);
}

/** Turns items with indents into lists within lists. */
function nest(items) {
  const [first] = items;
  const ordered = isOrdered(first);
  const list = { type: 'list', ordered, start: ordered ? Number.parseInt(first.mark, 10) : 1, items: [] };
  for (let at = 0; at < items.length; at += 1) {
    const inner = [];
    while (at + 1 + inner.length < items.length && items[at + 1 + inner.length].indent > first.indent) inner.push(items[
      at + 1 + inner.length
    ]);
    list.items.push({ children: items[at].children, sub: inner.length ? nest(inner) : null });
    at += inner.length;
  }
  return list;
}

function takeParagraph(lines, at, blocks) {
  let end = at + 1;
  while (end < lines.length && !/^(#{1,3}\s+\S|-#\s+\S|> |>>> )/.test(lines[end]) && !LIST.test(lines[end])) end += 1;
  const text = lines.slice(at, end).join('\n').replace(/\n$/, '');
  if (text.trim()) blocks.push({ type: 'paragraph', children: spans(text) });
  return end - at;
}

const URL_PATTERN = String.raw`https?:\/\/[^\s<]+[^<.,:;"'\]\s)]`;
/** In the order in which they are tried; each makes a span of its match. `again` parses what is inside. */
const RULES = [
  [/\\([\\`*_~|<>#@[\]()\-.!:])/y, (m) => ({ type: 'text', text: m[1] })],
  [/(`+)([\s\S]*?[^`])\1(?!`)/y, (m) => ({ type: 'code', text: m[2].replace(/^ (.*) $/, '$1') })],
  [/\|\|([\s\S]+?)\|\|/y, (m, again) => ({ type: 'spoiler', children: again(m[1]) })],
  [/\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/y, (m, again) => ({ type: 'strong', children: again(m[1]) })],
  [/__((?:\\[\s\S]|[^\\])+?)__(?!_)/y, (m, again) => ({ type: 'underline', children: again(m[1]) })],
  [/~~((?:\\[\s\S]|[^\\])+?)~~/y, (m, again) => ({ type: 'strike', children: again(m[1]) })],
  [
    /\*(?=\S)((?:\*\*(?:\\[\s\S]|[^\\])+?\*\*|\\[\s\S]|[^*\\])+?)(?<!\s)\*(?!\*)/y,
    (m, again) => ({ type: 'em', children: again(m[1]) }),
  ],
  [
    /\b_((?:__(?:\\[\s\S]|[^\\])+?__|\\[\s\S]|[^_\\])+?)_(?![\p{L}\p{N}_])/uy,
    (m, again) => ({ type: 'em', children: again(m[1]) }),
  ],
  [/<@!?(\d+)>/y, (m) => ({ type: 'mention', kind: 'user', id: m[1] })],
  [/<@&(\d+)>/y, (m) => ({ type: 'mention', kind: 'role', id: m[1] })],
  [/<#(\d+)>/y, (m) => ({ type: 'mention', kind: 'channel', id: m[1] })],
  [/<\/([\w \-\p{L}]{1,98}):(\d+)>/uy, (m) => ({ type: 'command', name: m[1], id: m[2] })],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, (m) => ({ type: 'time', unix: Number(m[1]), style: m[2] ?? 'f' })],
  [/<(a?):(\w{1,32}):(\d+)>/y, (m) => ({ type: 'emoji', animated: Boolean(m[1]), name: m[2], id: m[3] })],
  [
    /\[((?:\\[\s\S]|[^[\]\\]|\[[^\]]*\])+?)\]\(<?(https?:\/\/[^\s<>]+?)>?(?:\s+["'][^)]*["'])?\)/y,
    (m, again) => ({ type: 'link', url: m[2], children: again(m[1]) }),
  ],
  [
    new RegExp(`<(${URL_PATTERN})>`, 'y'),
    (m) => ({ type: 'link', url: m[1], children: [{ type: 'text', text: m[1] }] }),
  ],
  [new RegExp(URL_PATTERN, 'y'), (m) => ({ type: 'link', url: m[0], children: [{ type: 'text', text: m[0] }] })],
  [/@(everyone|here)\b/y, (m) => ({ type: 'mention', kind: 'all', id: m[1] })],
];

const PLAIN = /[^\\`*_~|<[@h]+/y;

/** @param {string} text @returns {object[]} spans */
export function spans(text, depth = 0) {
  const found = [];
  let at = 0;
  while (at < text.length) {
    const [span, length] = depth < DEPTH ? takeSpan(text, at, depth) : [
      { type: 'text', text: text.slice(at) }, text.length - at,
    ];
    const last = found.at(-1);
    if (span.type === 'text' && last?.type === 'text') last.text += span.text;
    else found.push(span);
    at += length;
  }
  return found;
}

function takeSpan(text, at, depth) {
  PLAIN.lastIndex = at;
  const plain = PLAIN.exec(text);
  if (plain) return [{ type: 'text', text: plain[0] }, plain[0].length];
  for (const [pattern, make] of RULES) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return [make(match, (inner) => spans(inner, depth + 1)), match[0].length];
  }
  return [{ type: 'text', text: text[at] }, 1];
}
