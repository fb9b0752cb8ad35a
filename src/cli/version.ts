/** The version of package.json; a test compares the two. */
export const version = '0.1.0';

/** What `--version` prints: kvmnet, and what it stands on. */
export async function versionText(): Promise<string> {
  const { libraryVersions } = await import('../libvirt/ffi/library.ts');
  const { libvirt, koffi } = libraryVersions();
  return [
    `kvmnet ${version}`,
    `libvirt ${libvirt ?? 'not installed'}`,
    `Node.js ${process.versions.node}`,
    `koffi ${koffi}`,
    '',
  ].join('\n');
}
