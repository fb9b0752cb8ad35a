/** Commander's name for an option: `vlanFiltering` for `--vlan-filtering <X>`, and `dns` for `--no-dns` too. */
export function attributeOf(flags: string): string {
  const [, long = flags] = /--(?:no-)?([\w-]+)/.exec(flags) ?? [];
  return long.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
