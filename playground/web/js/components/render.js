import { div, h } from '../core/dom.js';
import { colour } from '../core/people.js';
import { markdown } from '../text/render.js';
import { messageButton } from './button.js';
import { fileCard } from './file.js';
import { gallery, pictureOf, thumbnail } from './gallery.js';
import { messageSelect, SELECTS } from './select.js';
import { coverSpoiler } from './spoiler.js';

const MAKERS = {
  1: actionRow, 2: messageButton, 9: section, 10: textDisplay, 11: thumbnail, 12: mediaGallery, 13: file, 14: separator,
  17: container,
};

/** One component of a message (and what is in it) as an element; null for kinds that this page does not know. */
export function renderComponent(component, message) {
  if (SELECTS[component.type]) return messageSelect(component, message);
  return MAKERS[component.type]?.(component, message) ?? null;
}

const all = (components, message) => (components ?? []).map((component) => renderComponent(component, message));

function actionRow(component, message) {
  return div('action-row', all(component.components, message));
}

function textDisplay(component) {
  return markdown(component.content ?? '');
}

function section(component, message) {
  return div('section', div('section-text', all(component.components, message)),
    component.accessory && div('accessory', renderComponent(component.accessory, message)));
}

function mediaGallery(component, message) {
  return gallery(component.items.map((item) => pictureOf(item, message)), message);
}

function file(component, message) {
  const found = pictureOf({ media: component.file }, message);
  const attachment = (message.attachments ?? []).find(
    (one) => one.filename === found.name || one.id === component.file.attachment_id
  );
  return fileCard({
    url: found.url, name: component.name ?? found.name, bytes: component.size ?? attachment?.size,
    spoiler: component.spoiler,
  });
}

function separator(component) {
  const line = component.divider !== false;
  return h(line ? 'hr' : 'div', {
    class: 'separator', dataset: { divider: line, spacing: String(component.spacing ?? 1) },
  });
}

function container(component, message) {
  const tint = colour(component.accent_color);
  const element = h('div', {
    class: 'container', role: 'group', 'aria-label': 'Card', style: { '--accent-color': tint },
    dataset: { accent: Boolean(tint) },
  }, all(component.components, message));
  return component.spoiler ? coverSpoiler(element, `${message.id}/${component.id ?? ''}`) : element;
}
