import { div, h } from '../core/dom.js';
import { openLightbox } from '../overlay/lightbox.js';
import { coverSpoiler, isShown } from './spoiler.js';

/**
 * @typedef {object} Picture
 * @property {string} url
 * @property {string} alt
 * @property {string} name
 * @property {number} [width] pixels
 * @property {number} [height] pixels
 * @property {string} [type] media type
 * @property {boolean} [spoiler]
 */

/** Uses this page's own address for files of the stand-in's, however the stand-in named its host. */
export function localUrl(url) {
  try {
    const parsed = new URL(url, location.href);
    const ours = parsed.port === location.port && ['127.0.0.1', 'localhost', '[::1]'].includes(parsed.hostname);
    return ours ? parsed.pathname + parsed.search : parsed.href;
  } catch {
    return '';
  }
}

/** The picture of a component's media item, or of an attachment; `attachment://` names are looked up. */
export function pictureOf(item, message) {
  const media = item.media ?? item;
  const name = /^attachment:\/\/(.+)$/.exec(media.url ?? '')?.[1];
  const attachment = (message.attachments ?? []).find((one) => one.filename === name || one.id === media.attachment_id);
  const source = name && attachment ? attachment : media;
  const url = localUrl(source.proxy_url || source.url || '');
  return {
    url,
    name: attachment?.filename ?? fileName(url),
    alt: item.description ?? attachment?.description ?? '',
    width: media.width ?? attachment?.width,
    height: media.height ?? attachment?.height,
    type: media.content_type ?? attachment?.content_type ?? '',
    spoiler: Boolean(item.spoiler || attachment?.filename?.startsWith('SPOILER_')),
  };
}

function fileName(url) {
  return decodeURIComponent(url.split('?')[0].split('/').at(-1) || 'picture');
}

/** One to ten pictures as a mosaic; pressing one opens it large. */
export function gallery(pictures, message) {
  const still = pictures.filter((picture) => !isVideo(picture));
  const open = (picture) => openLightbox(still, still.indexOf(picture), message);
  const label = pictures.length === 1 ? 'Picture' : `${pictures.length} pictures`;
  const attributes = { class: 'gallery', role: 'group', 'aria-label': label, dataset: { count: String(pictures.length) } };
  const element = h('div', attributes, pictures.map((picture, at) => tile(picture, at, pictures, () => open(picture))));
  if (pictures.length === 1) shape(element, pictures[0]);
  return element;
}

function isVideo(picture) {
  return picture.type.startsWith('video/');
}

/** Keeps room for a single picture in its own shape before it has loaded; very long ones are cropped. */
function shape(element, { width, height }) {
  if (!width || !height) return;
  const ratio = Math.max(0.5, Math.min(3.2, width / height));
  element.style.setProperty('--shape', String(ratio));
  element.style.setProperty('--wide', `${Math.round(Math.min(560, Math.max(width, 180), 460 * ratio))}px`);
}

function tile(picture, at, all, open) {
  if (isVideo(picture)) return div('tile', h('video', { src: picture.url, controls: true, preload: 'metadata' }));
  const label = picture.alt || (all.length > 1 ? `Picture ${at + 1} of ${all.length}` : 'Picture');
  const image = h('img', {
    src: picture.url, alt: label, width: picture.width, height: picture.height, decoding: 'async', loading: 'lazy',
    draggable: 'false',
  });
  const see = () => image.classList.add('clear-through');
  if (/png|webp/.test(picture.type)) image.addEventListener('load', see, { once: true });
  const tag = picture.alt && h('span', { class: 'alt-tag', 'aria-hidden': 'true' }, 'ALT');
  const element = enlarging('tile', label, open, image, tag);
  element.dataset.name = picture.name;
  return picture.spoiler ? coverTile(element, picture) : element;
}

/** A button may not hold a button, so that a covered tile is another element until it is uncovered. */
function coverTile(element, picture) {
  const key = picture.url.split('?')[0];
  if (isShown(key)) return element;
  const cover = div('tile', element.firstChild.cloneNode());
  return coverSpoiler(cover, key, () => { cover.replaceWith(element); element.focus(); });
}

/** A small picture beside a text. */
export function thumbnail(item, message) {
  const picture = pictureOf(item, message);
  const label = picture.alt || 'Picture';
  const image = h('img', { src: picture.url, alt: label });
  if (picture.spoiler) return coverSpoiler(div('thumbnail', image), picture.url.split('?')[0]);
  return enlarging('thumbnail', label, () => openLightbox([picture], 0, message), image);
}

function enlarging(name, label, onclick, ...children) {
  return h('button', { type: 'button', class: name, 'aria-label': `${label}. Press to enlarge.`, onclick }, children);
}
