// commander loads node:child_process for subcommands that are programs of their own. kvmnet has none, and many commands start no program.

/** The source of commander/lib/command.js without it. */
export function withoutPrograms(source) {
  const text = source.replace("require('node:child_process')", '{}');
  if (text === source) throw new Error('commander loads node:child_process in another way');
  return text;
}
