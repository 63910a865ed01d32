import { store } from './store.js';

/**
 * Makes an element. Texts always become text nodes, so nothing that was said in a channel can become markup.
 *
 * @param {string} tag
 * @param {Object<string, any>} [props] attributes; `class`, `dataset`, `style` (custom properties too) and
 *   `onclick`-like listeners are understood; undefined, null and false are left out
 * @param {...any} children nodes, texts, arrays of them; null, undefined and false are left out
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(element, name, value);
  element.append(...nodes(children));
  return element;
}

function setProp(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === 'class') element.className = value;
  else if (name === 'dataset') setData(element, value);
  else if (name === 'style') setStyle(element, value);
  else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
  else element.setAttribute(name, value === true ? '' : String(value));
}

function setData(element, data) {
  for (const [name, value] of Object.entries(data)) {
    if (value !== undefined && value !== null && value !== false) element.dataset[name] = value === true ? '' : value;
  }
}

function setStyle(element, style) {
  for (const [name, value] of Object.entries(style)) if (value != null) element.style.setProperty(name, value);
}

/** A div with a class. */
export function div(name, ...children) {
  return h('div', { class: name }, children);
}

/** A span with a class. */
export function span(name, ...children) {
  return h('span', { class: name }, children);
}

/** Flattens children and drops what is not there. */
export function nodes(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Replaces all children. */
export function fill(element, ...children) {
  element.replaceChildren(...nodes(children));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** One of the drawings in icons.svg; hidden from screen readers unless it is given a label. */
export function icon(name, label) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('viewBox', '0 0 24 24');
  for (const [key, value] of [
    ['fill', 'none'], ['stroke', 'currentColor'], ['stroke-linecap', 'round'], ['stroke-linejoin', 'round'],
  ]) {
    svg.setAttribute(key, value);
  }
  if (label) {
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', label);
  } else svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `/assets/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** A square button that shows only a drawing; its label is read out and shown as a tool tip. */
export function iconButton(name, label, props = {}) {
  const { class: extra, dataset, ...rest } = props;
  return h('button', {
    type: 'button', 'aria-label': label, ...rest,
    class: ['icon-button', extra].filter(Boolean).join(' '), dataset: { tip: label, ...dataset },
  }, icon(name));
}

/** An ordinary button with a text. */
export function button(label, { style = 'secondary', icon: drawing, ...props } = {}) {
  return h('button', { type: 'button', ...props, class: 'button', dataset: { style, ...props.dataset } },
    drawing && icon(drawing), h('span', {}, label));
}

/** Three dots that move while something is awaited. */
export function dots() {
  return h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));
}

/** An id for aria attributes that nothing else on the page has. */
export function freshId(stem) {
  return `${stem}-${store.next()}`;
}
