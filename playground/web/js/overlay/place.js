const EDGE = 8;

/**
 * Puts a fixed box beside an anchor, flipped and pushed so that it stays on the screen.
 *
 * @param {HTMLElement} box
 * @param {DOMRect|{left: number, right: number, top: number, bottom: number}} anchor
 * @param {'below'|'above'|'right'|'below-end'|'above-end'} side where it goes if there is room
 */
export function place(box, anchor, side = 'below', gap = 6) {
  const { offsetWidth: width, offsetHeight: height } = box;
  const room = { width: document.documentElement.clientWidth, height: window.innerHeight };
  let [left, top] = side === 'right' ? beside(anchor, width, room, gap) : stacked(
    anchor, width, height, side, room, gap,
  );
  left = Math.max(EDGE, Math.min(left, room.width - width - EDGE));
  top = Math.max(EDGE, Math.min(top, room.height - height - EDGE));
  box.style.left = `${Math.round(left)}px`;
  box.style.top = `${Math.round(top)}px`;
}

function beside(anchor, width, room, gap) {
  const fits = anchor.right + gap + width <= room.width - EDGE;
  return [fits ? anchor.right + gap : anchor.left - width - gap, anchor.top - 6];
}

function stacked(anchor, width, height, side, room, gap) {
  const left = side.endsWith('end') ? anchor.right - width : anchor.left;
  const below = anchor.bottom + gap;
  const above = anchor.top - height - gap;
  const wantsAbove = side.startsWith('above');
  const fitsBelow = below + height <= room.height - EDGE;
  const fitsAbove = above >= EDGE;
  if (wantsAbove) return [left, fitsAbove || !fitsBelow ? above : below];
  return [left, fitsBelow || !fitsAbove ? below : above];
}
