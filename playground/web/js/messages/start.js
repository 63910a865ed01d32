import { button, div, h, icon } from '../core/dom.js';
import { store } from '../core/store.js';
import { SAMPLES } from '../controls/files.js';

/** The top of a channel's history; in an empty one it says what to do. */
export function channelStart(channel, empty) {
  if (channel.type === 1) return start(h('img', { src: '/assets/icon.svg', alt: '' }), store.bot.name, directText());
  const text = empty
    ? ['Type ', h('b', {}, '/edit'), ', drop in a photograph, say what should change, and press Enter.']
    : [`This is the start of #${channel.name}.`];
  return start(icon('hash'), `Welcome to #${channel.name}`, text, empty && tryIt());
}

function start(mark, title, text, below) {
  const face = h('div', { class: 'mark', 'aria-hidden': 'true' }, mark);
  return h('section', { class: 'channel-start' }, face, h('h2', {}, title), h('p', {}, text), below);
}

function directText() {
  return [`Your direct messages with ${store.bot.name}. A picture that cannot be posted in its channel comes here.`];
}

function tryIt() {
  const known = store.commands.some((command) => command.name === 'edit');
  if (!known) return h('p', {}, `${store.bot.name} is still starting; its commands will be here in a moment.`);
  const dataset = { action: 'try-sample' };
  const go = button('Try it: /edit with a sample', { style: 'primary', icon: 'spark', dataset });
  return div('try', go, h('span', {}, 'or begin with one of these'), div('try-samples', SAMPLES.map(sampleButton)));
}

function sampleButton([name, what]) {
  const dataset = { action: 'try-sample', sample: name, tip: `Edit ${what}` };
  const picture = h('img', { src: `/assets/samples/${name}`, alt: '' });
  return h('button', { type: 'button', 'aria-label': `Edit the sample: ${what}`, dataset }, picture);
}
