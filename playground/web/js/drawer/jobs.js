import { h, span } from '../core/dom.js';
import { minutes } from '../core/time.js';

const STATES = {
  pending: ['busy', 'waiting'],
  queued: ['busy', 'waiting'],
  processing: ['busy', 'running'],
  running: ['busy', 'running'],
  completed: ['good', 'done'],
  failed: ['bad', 'failed'],
};

/** A number of credits as it is written. */
export function credits(amount) {
  return Number(amount ?? 0).toLocaleString('en-GB', { maximumFractionDigits: 3 });
}

/** @returns {[string, string]} the kind of a job's state (good, bad, busy, quiet), and a word for it */
function stateOf(job) {
  return STATES[String(job.status).toLowerCase()] ?? ['quiet', job.status];
}

export function isRunning(job) {
  return stateOf(job)[0] === 'busy';
}

/** A job as the provider sees it. */
export function jobCard(job) {
  const [kind, word] = stateOf(job);
  const running = isRunning(job);
  const state = running && job.seconds_left != null ? `${word} · ${minutes(job.seconds_left)}` : word;
  return h('article', { class: 'job', dataset: { jobId: job.id, status: job.status } },
    h('span', { class: 'job-prompt', title: job.prompt }, job.prompt || '(no prompt)'),
    h('span', { class: 'status', dataset: { kind } }, state),
    span('job-facts', facts(job).join(' · ')),
    running && h('div', { class: 'progress', 'aria-hidden': 'true' }, h('i')));
}

function facts(job) {
  const images = job.images != null && `${job.images} ${job.images === 1 ? 'image' : 'images'}`;
  const cost = job.cost != null && `${credits(job.cost)} credits`;
  return [job.model, images, cost, job.failure].filter(Boolean);
}
