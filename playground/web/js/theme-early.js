// Runs before the first paint, so that a chosen theme never flashes.
(() => {
  try {
    const chosen = localStorage.getItem('darkroom.theme');
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
  } catch (error) {
    console.info('The theme is not remembered here:', error.message);
  }
})();
