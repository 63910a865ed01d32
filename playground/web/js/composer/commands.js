/** Slash commands as the bot registered them, flattened into what can be typed. Nothing here touches the page. */

export const OPTION = {
  SUB: 1, GROUP: 2, STRING: 3, INTEGER: 4, BOOLEAN: 5, USER: 6, CHANNEL: 7, ROLE: 8, MENTIONABLE: 9, NUMBER: 10,
  ATTACHMENT: 11,
};
const GUILD = 0;
const BOT_DM = 1;

/**
 * @typedef {object} Leaf
 * @property {object} command as registered
 * @property {object[]} path the group and subcommand that lead to it
 * @property {string} name "usage report"
 * @property {string} description
 * @property {object[]} options
 */

/** @returns {Leaf[]} every command that can be typed, subcommands each by themselves */
export function leaves(commands) {
  return commands.filter((command) => (command.type ?? 1) === 1).flatMap((command) => walk(command, command, []));
}

function walk(command, node, path) {
  const inner = (node.options ?? []).filter((option) => option.type === OPTION.SUB || option.type === OPTION.GROUP);
  if (inner.length) return inner.flatMap((option) => walk(command, option, [...path, option]));
  return [{
    command, path, name: [command.name, ...path.map((option) => option.name)].join(' '),
    description: node.description ?? '', options: node.options ?? [],
  }];
}

/** Whether Discord would list a command here: its place, and whether it is for moderators. */
export function usable(command, { direct, moderator }) {
  if (direct && command.dm_permission === false) return false;
  if (command.contexts && !command.contexts.includes(direct ? BOT_DM : GUILD)) return false;
  return direct || moderator || !forModerators(command);
}

export function forModerators(command) {
  return command.default_member_permissions !== null && command.default_member_permissions !== undefined;
}

/** Those that fit what was typed after the slash, best first. */
export function matching(all, typed) {
  const query = typed.trim().toLowerCase();
  const rank = (leaf) => {
    if (leaf.name.startsWith(query)) return 0;
    if (leaf.name.split(/[ -]/).some((word) => word.startsWith(query))) return 1;
    if (leaf.name.includes(query)) return 2;
    return leaf.description.toLowerCase().includes(query) ? 3 : 4;
  };
  return all.map((leaf) => [rank(leaf), leaf]).filter(([place]) => place < 4)
    .sort(([a, one], [b, other]) => a - b || (query ? one.name.localeCompare(other.name) : 0)).map(([, leaf]) => leaf);
}

/** Options as Discord nests them: those of a subcommand inside it, it inside its group. */
export function nest(leaf, options) {
  return leaf.path.reduceRight((inner, option) => [{ name: option.name, type: option.type, options: inner }], options);
}

/**
 * Attachment options put together, so that a batch of files fills image, image2, image3 … in order;
 * one that is named otherwise stays by itself.
 *
 * @returns {object[][]} groups of options
 */
export function attachmentGroups(options) {
  const groups = new Map();
  for (const option of options.filter((one) => one.type === OPTION.ATTACHMENT)) {
    const stem = option.name.replace(/[-_]?\d+$/, '');
    groups.set(stem, [...(groups.get(stem) ?? []), option]);
  }
  return [...groups.values()];
}
