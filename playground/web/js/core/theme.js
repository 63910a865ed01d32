/** Light, dark, or as the computer has it; remembered by the browser. */
const KEY = 'darkroom.theme';
const ORDER = ['auto', 'light', 'dark'];
export const THEMES = {
  auto: { icon: 'auto', label: 'Theme: as this computer' },
  light: { icon: 'sun', label: 'Theme: light' },
  dark: { icon: 'moon', label: 'Theme: dark' },
};

export function theme() {
  return document.documentElement.dataset.theme ?? 'auto';
}

/** Goes to the next theme and returns its name. */
export function nextTheme() {
  const name = ORDER[(ORDER.indexOf(theme()) + 1) % ORDER.length];
  if (name === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  remember(KEY, name);
  return name;
}

/** Keeps a word in the browser, where it allows that. */
export function remember(key, value) {
  try { localStorage.setItem(key, value); } catch (error) { console.info('Not remembered:', error.message); }
}

export function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch (error) { console.info('Not remembered:', error.message); return null; }
}
