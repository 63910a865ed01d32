/** Puts the page together. */
import { Composer } from './composer/composer.js';
import { watchFiles } from './composer/drop.js';
import { avatar, nameOf } from './core/people.js';
import { watchDownloads } from './core/download.js';
import { Socket } from './core/socket.js';
import { store } from './core/store.js';
import { recall, remember } from './core/theme.js';
import { tick } from './core/time.js';
import { mentionsMe, startReading } from './core/unread.js';
import { sampleFile } from './controls/files.js';
import { Drawer } from './drawer/drawer.js';
import { wireMessages } from './messages/events.js';
import { MessageList } from './messages/list.js';
import { openModal } from './modal/modal.js';
import { watchPopups } from './overlay/popup.js';
import { announce, toast } from './overlay/toast.js';
import { watchTooltips } from './overlay/tooltip.js';
import { Banners } from './shell/banners.js';
import { Header } from './shell/header.js';
import { wireKeys } from './shell/keys.js';
import { openPeople } from './shell/people-menu.js';
import { Sidebar } from './shell/sidebar.js';
import { summary } from './text/plain.js';

const MEMBER = 'darkroom.member';
const at = (id) => document.getElementById(id);

const FRAMES = {
  hello: (d) => store.hello(d),
  message_create: (d) => { if (!store.dismissed.has(d.id)) { store.add(d); notify(d); } },
  message_update: (d) => { if (!store.dismissed.has(d.id)) store.update(d); },
  message_delete: (d) => store.remove(d.id),
  reactions: (d) => store.react(d.message_id, d.reactions),
  commands: (d) => store.setCommands(d.commands),
  members: (d) => store.setMembers(d.members),
  bot: (d) => store.setBot(d.online),
  modal: openModal,
  error: (d) => toast({ title: 'That is not possible', text: d.message, kind: 'error' }),
};

/** A notice for what would make Discord ring: a mention, or a direct message that is not on the screen. */
function notify(message) {
  const key = store.keyOf(message);
  const direct = store.isDirect(key) && message.author.id !== store.me;
  if (!mentionsMe(message) && !(direct && key !== store.current)) return;
  if (direct && message.only_you && key === store.current) return;
  const where = direct ? 'wrote to you' : `mentioned you in #${store.channel(key).name}`;
  toast({
    kind: 'mention', title: `${nameOf(message.author)} ${where}`, text: summary(message, 110),
    face: avatar(message.author), run: () => list.jump(message.id),
  });
}

const socket = new Socket((frame) => FRAMES[frame.t]?.(frame.d));
store.transport = socket;
store.on('hello', startReading);

const sidebar = new Sidebar(at('sidebar'), { onswitch: (anchor) => openPeople(anchor, become) });
const header = new Header(at('chat-header'), { onmenu: (back) => sidebar.open(back), ondrawer: () => drawer.toggle() });
const banners = new Banners(at('banners'), { onretry: () => socket.connect(socket.member) });
const list = new MessageList(at('scroller'), at('history'));
const composer = new Composer(at('composer'), {
  onswitch: (anchor) => openPeople(anchor, become), onmoderator: () => becomeModerator(),
});
const drawer = new Drawer(at('drawer'), {
  onchange: (open) => {
    header.drawer.setAttribute('aria-expanded', String(open));
    if (!open) header.drawer.focus({ preventScroll: true });
  }
});
at('composer').append(list.jumpDown);

/** Becomes another person: everything is asked for again, as they may see it. */
function become(id) {
  sidebar.close();
  remember(MEMBER, id);
  socket.connect(id);
}

function becomeModerator() {
  const moderator = [...store.members.values()].find((member) => member.moderator);
  if (moderator) become(moderator.id);
}

/** The newcomer's first step: the form of /edit with a photograph in it and a wish that the stand-in knows. */
async function trySample(sample = 'cat.jpg') {
  const form = composer.use('edit');
  if (!form) return;
  form.set('prompt', 'Make it a vintage travel poster');
  form.take([await sampleFile(sample)]);
  form.focus();
}

store.on('hello', ({ changed }) => {
  remember(MEMBER, store.me);
  if (!changed) return;
  announce(`You are ${nameOf({ id: store.me })}.`);
  // On a phone, focus would open the keyboard over half of the page.
  if (matchMedia('(hover: hover)').matches) composer.input.focus({ preventScroll: true });
});

watchPopups();
watchTooltips();
watchDownloads();
watchFiles((files) => composer.attach(files));
wireMessages({ root: at('chat'), list, composer, trySample });
wireKeys({ list, composer, drawer, become });
setInterval(() => tick(), 1000);
window.addEventListener('online', () => { if (store.connection === 'closed') socket.connect(socket.member); });
banners.draw();
socket.connect(new URLSearchParams(location.search).get('member') ?? recall(MEMBER) ?? '');
