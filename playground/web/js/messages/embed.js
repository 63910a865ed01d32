import { div, h } from '../core/dom.js';
import { colour } from '../core/people.js';
import { sentAt } from '../core/time.js';
import { gallery, localUrl, pictureOf } from '../components/gallery.js';
import { markdown, safeUrl } from '../text/render.js';

/** A classic embed. */
export function embed(data, message) {
  return h('article', { class: 'embed', style: { '--accent-color': colour(data.color) } },
    data.author && author(data.author),
    data.title && div('embed-title', link(data.url, markdown(data.title, { inline: true }))),
    data.description && markdown(data.description), data.fields?.length ? fields(data.fields) : null,
    data.image && gallery([pictureOf(data.image, message)], message),
    data.thumbnail && div('embed-thumb', image(data.thumbnail.proxy_url || data.thumbnail.url)), footer(data));
}

function image(url) {
  return h('img', { src: localUrl(url), alt: '' });
}

function link(url, ...children) {
  const href = url && safeUrl(url);
  return href ? h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, children) : children;
}

function author({ name, icon_url: face, url }) {
  return div('embed-author', face && image(face), link(url, name));
}

function fields(list) {
  const one = ({ name, value, inline }) => h('div', { dataset: { inline: Boolean(inline) } },
    h('dt', {}, markdown(name, { inline: true })), h('dd', {}, markdown(value)));
  return h('dl', { class: 'embed-fields' }, list.map(one));
}

function footer(data) {
  const { footer: text, timestamp } = data;
  if (!text && !timestamp) return null;
  return h('footer', {}, text?.text, text && timestamp && ' · ', timestamp && sentAt(timestamp));
}
