"""All that members see: cards, buttons, modals, charts, and every text by key."""
