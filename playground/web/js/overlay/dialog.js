const REACHABLE = 'a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled), [tabindex="0"]';

/** Opens a dialog over everything. Focus stays in it and goes back to where it was when it closes; Esc closes it. */
export function openDialog(dialog, { onclose } = {}) {
  const before = document.activeElement;
  document.body.append(dialog);
  dialog.showModal();
  dialog.addEventListener('keydown', (event) => keepFocus(event, dialog));
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before?.isConnected) before.focus({ preventScroll: true });
    onclose?.();
  });
}

function keepFocus(event, dialog) {
  if (event.key !== 'Tab') return;
  const all = [...dialog.querySelectorAll(REACHABLE)].filter(
    (element) => element.checkVisibility() && element.tabIndex >= 0
  );
  if (!all.length) return;
  const edge = event.shiftKey ? all[0] : all.at(-1);
  if (document.activeElement !== edge && dialog.contains(document.activeElement)) return;
  event.preventDefault();
  (event.shiftKey ? all.at(-1) : all[0]).focus();
}
