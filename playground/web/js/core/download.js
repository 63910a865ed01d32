import { toast } from '../overlay/toast.js';

/** Saves files of the CDN, which is an origin of its own: there a link's `download` alone would only open them. */
export function watchDownloads() {
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[download]');
    if (!link || new URL(link.href).origin === location.origin || link.protocol === 'blob:') return;
    event.preventDefault();
    save(link.href, link.download);
  });
}

async function save(href, name) {
  try {
    const response = await fetch(href);
    if (!response.ok) throw new Error(`The file server answered ${response.status}.`);
    const url = URL.createObjectURL(await response.blob());
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  } catch (error) {
    toast({ title: 'Not downloaded', text: error.message, kind: 'error' });
  }
}
