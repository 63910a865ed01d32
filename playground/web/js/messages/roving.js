/** One message can be reached with Tab; arrows go on from there. */

function articles(list) {
  return [...list.querySelectorAll('article[data-message-id]')];
}

/** Sets which message Tab reaches: the one that has focus, otherwise the newest. */
export function setTabStop(list) {
  const all = articles(list);
  const focused = all.find((article) => article.tabIndex === 0 && article.contains(document.activeElement));
  const stop = focused ?? all.at(-1);
  all.forEach((article, at) => {
    article.tabIndex = article === stop ? 0 : -1;
    article.setAttribute('aria-posinset', String(at + 1));
    article.setAttribute('aria-setsize', String(all.length));
  });
}

/** Moves focus from a message as an arrow, Home or End says. */
export function moveFocus(list, article, key) {
  const all = articles(list);
  const at = all.indexOf(article);
  const next = { ArrowUp: all[at - 1], ArrowDown: all[at + 1], Home: all[0], End: all.at(-1) }[key];
  if (!next) return;
  article.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}
