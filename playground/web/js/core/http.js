import { store } from './store.js';

/** A request that the server refused, with a sentence that can be shown. */
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function read(response) {
  const text = await response.text();
  let body = null;
  try { body = text ? JSON.parse(text) : null; } catch { body = null; }
  if (!response.ok) throw new Refused(
    body?.message ?? sentence(text) ?? `The server answered ${response.status}.`, response.status,
  );
  return body;
}

/** A short plain answer can be shown as it is; a page of HTML or a body of JSON cannot. */
function sentence(text) {
  return text && text.length < 200 && !/^[<{[]/.test(text) ? text : null;
}

/** GETs JSON from one of the page's own addresses. */
export async function get(path) {
  return read(await fetch(path, { cache: 'no-store' }));
}

/** POSTs JSON to one of the page's own addresses. */
export async function post(path, body) {
  return read(await fetch(path, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  }));
}

/** Uploads one file as the current person; resolves with the server's description of it. */
export async function upload(file) {
  const form = new FormData();
  form.append('file', file, file.name);
  const answer = await read(
    await fetch(`/page/uploads?member=${encodeURIComponent(store.me)}`, { method: 'POST', body: form })
  );
  const described = Array.isArray(answer) ? answer[0] : answer?.uploads?.[0];
  if (!described) throw new Refused('The upload was not kept.', 500);
  return described;
}
