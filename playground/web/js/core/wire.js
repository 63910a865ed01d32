/** What a person can do, as the frames of the protocol. */
import { newNonce } from './socket.js';
import { store } from './store.js';

const GONE = 'This interaction failed';

/** Presses a button or sends a select's values; the message shows that it waits, and whether it failed. */
export async function press(message, customId, values) {
  const fields = { channel_id: message.channel_id, message_id: message.id, custom_id: customId };
  store.press(message.id, { customId, state: 'pending' });
  const frame = await store.transport.ask('component', values ? { ...fields, values } : fields);
  store.press(message.id, failure(frame) ? { customId, state: 'failed', error: failure(frame) } : null);
}

/**
 * Runs a command and shows a place holder until the bot has answered.
 *
 * @param {{commandId: string, title: string, options?: object[], targetId?: string, again?: () => void}} call
 *   `again` brings the filled-in form back
 * @returns {Promise<boolean>} whether the bot answered
 */
export async function runCommand({ commandId, title, options = [], targetId, again }) {
  const nonce = newNonce();
  const key = store.current;
  store.haunt({ nonce, key, title, state: 'sending', at: Date.now(), again });
  const fields = { channel_id: store.wireChannel(key), command_id: commandId, options };
  const frame = await store.transport.ask('command', targetId ? { ...fields, target_id: targetId } : fields, { nonce });
  const error = failure(frame);
  if (error) store.changeGhost(nonce, { state: 'failed', error });
  else store.exorcise(nonce);
  return !error;
}

/** Asks for an option's suggestions; undefined when there is no answer. */
export async function suggest({ commandId, options }) {
  const fields = { channel_id: store.wireChannel(), command_id: commandId, options };
  const settles = (frame) => ['choices', 'error'].includes(frame.t) || frame.d.state === 'failed';
  const frame = await store.transport.ask('autocomplete', fields, { settles });
  return frame.t === 'choices' ? frame.d.choices : undefined;
}

/** Sends a modal; resolves with null, or with what went wrong. */
export async function submitModal(interactionId, components) {
  return failure(await store.transport.ask('modal', { interaction_id: interactionId, components }));
}

export function setReaction(message, emoji, on) {
  const fields = { channel_id: message.channel_id, message_id: message.id, emoji: emojiKey(emoji) };
  return store.transport.send(on ? 'react' : 'unreact', fields);
}

/** Sends an ordinary message, as a reply if there is something to reply to. */
export function say(content, uploads, replyTo) {
  const fields = { channel_id: store.wireChannel(), content, uploads };
  return store.transport.send('message', replyTo ? { ...fields, reply_to: replyTo } : fields);
}

export function removeMessage(message) {
  return store.transport.send('delete', { channel_id: message.channel_id, message_id: message.id });
}

/** An emoji as a path of Discord's API writes it. */
export function emojiKey(emoji) {
  return emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name;
}

function failure(frame) {
  if (frame.t === 'error') return frame.d.message || GONE;
  if (frame.t === 'interaction' && frame.d.state === 'failed') return frame.d.error || GONE;
  return null;
}
