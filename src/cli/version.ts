/** The version of package.json; a test compares the two. */
export const version = '0.1.0';

/** Output of `--version`: kvmnet and its components. */
export async function versionText(): Promise<string> {
  const { libraryVersions } = await import('../libvirt/ffi/library.ts');
  const { libvirt, koffi } = libraryVersions();
  return [
    `kvmnet ${version}`,
    `libvirt ${libvirt ?? 'not installed'}`,
    process.versions['bun'] === undefined ? `Node.js ${process.versions.node}` : `Bun ${process.versions['bun']}`,
    `koffi ${koffi}`,
    '',
  ].join('\n');
}
