/**
 * A message that changes is drawn anew. This carries over what must not flicker or get lost: pictures that have
 * loaded, the buttons under the pointer, and focus. Pictures that were not there before develop like a photograph.
 */
export function carryOver(old, fresh) {
  const loaded = Map.groupBy(old.querySelectorAll('img'), place);
  for (const image of fresh.querySelectorAll('img')) keepPicture(image, loaded.get(place(image))?.shift());
  const tools = old.querySelector(':scope > .toolbar');
  if (tools) { fresh.append(tools); fresh.dataset.active = ''; }
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const next = () => (focused === old ? fresh : tools?.contains(focused) ? focused : sameIn(fresh, focused));
  if (focused) queueMicrotask(() => next()?.focus({ preventScroll: true }));
}

function keepPicture(image, before) {
  const tile = image.closest('.tile');
  if (before) {
    before.alt = image.alt;
    image.replaceWith(before);
  } else if (tile) tile.dataset.fresh = '';
}

/** A picture's address without its signature, which changes with every fetch. */
function place(image) {
  return image.src.split('?')[0];
}

function sameIn(fresh, focused) {
  const { customId, emoji } = focused.closest('[data-custom-id], .reaction')?.dataset ?? {};
  const selector = customId ? `[data-custom-id="${CSS.escape(customId)}"]` : `.reaction[data-emoji="${CSS.escape(emoji ?? '')}"]`;
  const found = fresh.querySelector(selector);
  if (!found) return fresh;
  return found.matches('button, a') ? found : found.querySelector('button');
}
