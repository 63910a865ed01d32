/** What each person has not read yet, per channel; kept as long as the page is open. */
import { compareIds, store } from './store.js';

const key = (channel) => `${store.me}/${channel}`;

/** After a greeting: a person who is new to this page has read what was there when the page was opened. */
export function startReading() {
  const newest = [...store.messages.values()].flat().map((message) => message.id).sort(compareIds).at(-1) ?? '0';
  store.baseline ??= newest;
  for (const { id } of store.channels) if (!store.reads.has(key(id))) store.reads.set(key(id), store.baseline);
}

export function readUpTo(channel) {
  return store.reads.get(key(channel)) ?? store.baseline ?? '0';
}

/** Others' messages in a channel since it was last read. */
export function unread(channel) {
  const mark = readUpTo(channel);
  return store.list(channel).filter((message) => compareIds(message.id, mark) > 0 && message.author.id !== store.me);
}

export function markRead(channel) {
  const last = store.list(channel).at(-1);
  if (!last || compareIds(last.id, readUpTo(channel)) <= 0) return;
  store.reads.set(key(channel), last.id);
  store.emit('reads');
}

/** Whether a message mentions the current person, so that it would notify them. */
export function mentionsMe(message) {
  if (message.author.id === store.me) return false;
  if (message.mention_everyone || (message.mentions ?? []).some((user) => user.id === store.me)) return true;
  const mine = store.members.get(store.me)?.roles ?? [];
  return (message.mention_roles ?? []).some((role) => mine.includes(role));
}
