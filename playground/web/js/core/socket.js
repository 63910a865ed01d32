import { store } from './store.js';

const PAUSES = [250, 500, 1000, 2000, 4000];

/** The websocket to the stand-in Discord; connects again by itself, for as long as it is wanted. */
export class Socket {
  /** @param {(frame: {t: string, d: any}) => void} onframe called with every frame that answers no request */
  constructor(onframe) {
    this.onframe = onframe;
    this.member = '';
    this.socket = null;
    this.failures = 0;
    this.greeted = '';
    this.waiting = new Map();
  }

  /** Connects as `member` (an id, a name, or '' for whoever comes first); leaves any earlier connection. */
  connect(member) {
    this.member = member;
    clearTimeout(this.timer);
    const old = this.socket;
    this.socket = null;
    old?.close();
    this.abandon('The connection was closed');
    const query = member ? `?member=${encodeURIComponent(member)}` : '';
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/page/socket${query}`);
    this.socket = socket;
    store.setConnection('connecting');
    socket.addEventListener('message', (event) => this.receive(socket, JSON.parse(event.data)));
    socket.addEventListener('close', () => this.lost(socket));
  }

  receive(socket, frame) {
    if (socket !== this.socket) return;
    if (frame.t === 'hello') {
      this.failures = 0;
      this.greeted = this.member;
      store.setConnection('open');
    }
    const waiting = this.waiting.get(frame.d?.nonce);
    if (waiting) waiting(frame);
    else this.onframe(frame);
  }

  lost(socket) {
    if (socket !== this.socket) return;
    this.abandon('The connection was lost');
    const pause = PAUSES[Math.min(this.failures, PAUSES.length - 1)];
    this.failures += 1;
    store.setConnection('closed', Date.now() + pause);
    // Somebody who is remembered from another run may not exist in this one: then whoever comes first.
    const unknown = this.member !== this.greeted && this.failures % 2 === 1;
    this.timer = setTimeout(() => this.connect(unknown ? '' : this.member), pause);
  }

  abandon(reason) {
    for (const waiting of [...this.waiting.values()]) waiting({
      t: 'interaction', d: { state: 'failed', error: reason },
    });
    this.waiting.clear();
  }

  /** Sends without waiting; false when there is no connection. */
  send(op, fields, nonce = newNonce()) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify({ op, nonce, ...fields }));
    return true;
  }

  /**
   * Sends and waits for the frame that `settles` (by default an answer, a failure, or an error).
   *
   * @returns {Promise<{t: string, d: any}>} never rejects; a lost connection is a failed interaction
   */
  ask(op, fields, { nonce = newNonce(), settles = isEnd } = {}) {
    return new Promise((resolve) => {
      this.waiting.set(nonce, (frame) => {
        if (frame.t === 'modal') this.onframe(frame);
        if (!settles(frame)) return;
        this.waiting.delete(nonce);
        resolve(frame);
      });
      if (!this.send(op, fields, nonce)) {
        this.waiting.delete(nonce);
        resolve({ t: 'interaction', d: { state: 'failed', error: 'There is no connection' } });
      }
    });
  }
}

function isEnd(frame) {
  return frame.t === 'error' || frame.t === 'modal' || (frame.t === 'interaction' && frame.d.state !== 'sent');
}

export function newNonce() {
  return `${Date.now().toString(36)}-${store.next()}`;
}
