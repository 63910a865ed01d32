/** Times as Discord writes them. Unix seconds in, words out. */
import { h } from './dom.js';

const LOCALE = 'en-GB';
const clock = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit' });
const STYLES = {
  t: clock,
  T: new Intl.DateTimeFormat(LOCALE, { timeStyle: 'medium' }),
  d: new Intl.DateTimeFormat(LOCALE, { dateStyle: 'short' }),
  D: new Intl.DateTimeFormat(LOCALE, { dateStyle: 'long' }),
  f: new Intl.DateTimeFormat(LOCALE, { dateStyle: 'long', timeStyle: 'short' }),
  F: new Intl.DateTimeFormat(LOCALE, { dateStyle: 'full', timeStyle: 'short' }),
};
const UNITS = [
  [31_557_600, 'year'], [2_629_800, 'month'], [86_400, 'day'], [3_600, 'hour'], [60, 'minute'], [1, 'second'],
];
const words = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'always' });

/** "in 34 seconds", "2 minutes ago". */
export function relative(unix, now = Date.now() / 1000) {
  const away = Math.round(unix - now);
  if (away === 0) return 'now';
  const [size, unit] = UNITS.find(([seconds]) => Math.abs(away) >= seconds);
  return words.format(Math.trunc(away / size), unit);
}

/** A timestamp of a text, in one of Discord's styles; relative ones are kept up to date by `tick`. */
export function timestamp(unix, style = 'f') {
  const when = new Date(unix * 1000);
  if (Number.isNaN(when.getTime())) return h('span', {}, `<t:${unix}:${style}>`);
  const text = style === 'R' ? relative(unix) : STYLES[style].format(when);
  return h('time', {
    datetime: when.toISOString(), dataset: { unix: String(unix), style, tip: STYLES.F.format(when) },
  }, text);
}

/** Sets every relative time that is on the page; called once a second. */
export function tick(root = document) {
  for (const element of root.querySelectorAll('time[data-style="R"]')) {
    const text = relative(Number(element.dataset.unix));
    if (element.textContent !== text) element.textContent = text;
  }
}

/** When a message was sent: "14:03", "Yesterday at 14:03", "3 March 2026 at 14:03". */
export function sentAt(iso) {
  const when = new Date(iso);
  const time = clock.format(when);
  const days = daysAgo(when);
  const text = days === 0 ? time : days === 1 ? `Yesterday at ${time}` : `${STYLES.D.format(when)} at ${time}`;
  return h('time', { datetime: when.toISOString(), dataset: { tip: STYLES.F.format(when) } }, text);
}

export function shortTime(iso) {
  const when = new Date(iso);
  return h('time', { datetime: when.toISOString(), dataset: { tip: STYLES.F.format(when) } }, clock.format(when));
}

/** The name of a message's day, for the line between days. */
export function dayName(iso) {
  const days = daysAgo(new Date(iso));
  return days === 0 ? 'Today' : days === 1 ? 'Yesterday' : STYLES.D.format(new Date(iso));
}

function daysAgo(when) {
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(new Date()) - midnight(when)) / 86_400_000);
}

/** "1:04" from seconds. */
export function minutes(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** "1.4 MB" from bytes. */
export function size(bytes) {
  if (bytes === undefined || bytes === null) return '';
  if (bytes < 1024) return `${bytes} bytes`;
  const kilobytes = bytes / 1024;
  return kilobytes < 1024
    ? `${kilobytes.toFixed(kilobytes < 10 ? 1 : 0)} kB`
    : `${(kilobytes / 1024).toFixed(kilobytes < 10240 ? 1 : 0)} MB`;
}

export function fullDate(iso) {
  return STYLES.F.format(new Date(iso));
}
