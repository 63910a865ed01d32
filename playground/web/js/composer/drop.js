import { h, icon } from '../core/dom.js';

/**
 * Takes files that are dropped or pasted anywhere on the page. A modal that wants files gets them first.
 *
 * @param {(files: File[]) => void} take
 */
export function watchFiles(take) {
  let veil = null;
  let depth = 0;
  const hide = () => { depth = 0; veil?.remove(); veil = null; };
  const receive = (files) => {
    if (!files.length) return;
    const modal = document.querySelector('dialog[open]');
    if (modal) modal.dispatchEvent(new CustomEvent('givefiles', { detail: files }));
    else take(files);
  };
  window.addEventListener('dragenter', (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    veil ??= showVeil();
  });
  window.addEventListener('dragleave', (event) => { if (carriesFiles(event) && (depth -= 1) <= 0) hide(); });
  window.addEventListener('dragover', (event) => { if (carriesFiles(event)) event.preventDefault(); });
  window.addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    hide();
    receive([...event.dataTransfer.files]);
  });
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) { event.preventDefault(); receive(files); }
  });
}

function carriesFiles(event) {
  return [...(event.dataTransfer?.types ?? [])].includes('Files');
}

function showVeil() {
  const veil = h('div', { class: 'drop-veil', 'aria-hidden': 'true' }, icon('upload'), 'Drop your pictures here');
  (document.querySelector('dialog[open]') ?? document.body).append(veil);
  return veil;
}
