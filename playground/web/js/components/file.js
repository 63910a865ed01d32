import { div, h, icon } from '../core/dom.js';
import { size } from '../core/time.js';
import { localUrl } from './gallery.js';
import { coverSpoiler } from './spoiler.js';

/** A file that is not shown as a picture: its name, its size, a way to get it. */
export function fileCard({ url, name, bytes, spoiler = false }) {
  const href = localUrl(url);
  const card = h('div', { class: 'file', dataset: { name } }, icon('file'),
    div('file-name', h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, name), h('small', {}, size(bytes))),
    downloadLink(href, name));
  return spoiler ? coverSpoiler(card, href.split('?')[0]) : card;
}

function downloadLink(href, name) {
  const label = `Download ${name}`;
  const attributes = { class: 'icon-button', href, download: name, 'aria-label': label, dataset: { tip: 'Download' } };
  return h('a', attributes, icon('download'));
}
