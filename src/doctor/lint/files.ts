/** Checks of the names of files: which of them are read, and should be. What these find is looked at no further. */
import { baseName, configsOf, type Config } from '../../config/config.ts';
import { placeOf, type Complaint, type FileCheck } from './check.ts';

/** Endings of copies that network-scripts leave out (`__sed_discard_ignored_files` of initscripts), and NetworkManager too. */
const leftOut = /(~|\.bak|\.old|\.orig|\.rpmnew|\.rpmorig|\.rpmsave)$/;
/** Backup copies that managers still read. */
const copies =
  /([._-](backup|save|saved|copy|bkp|bck|bk|tmp|disabled|off|orig|old|bak|org|prev|new)([._-]?\d+)?|[._-](19|20)\d{2}[-_]?\d{2}[-_]?\d{2}.*|\.(swp|swo|dpkg-[a-z]+|ucf-[a-z]+))$/i;

/** Only where a manager looks for files: elsewhere a copy is what it is. */
const folders: readonly {
  readonly format: Config['format'];
  readonly folder: string;
  readonly copies: readonly RegExp[];
  readonly message: string;
}[] = [
  {
    format: 'ifcfg',
    folder: '/network-scripts/',
    copies: [copies],
    message: 'this looks like a backup copy, but network-scripts and NetworkManager read it like any other file',
  },
  {
    format: 'ifupdown',
    folder: '/interfaces.d/',
    copies: [copies, leftOut],
    message: 'this looks like a backup copy, but ifupdown reads it like any other file',
  },
];

const strayCopy: FileCheck = {
  code: 'stray-copy',
  severity: 'warning',
  find: ({ configs }) =>
    configs.flatMap(({ file: { path }, format }) => {
      const place = folders.find((each) => each.format === format && path.includes(each.folder));
      if (!place?.copies.some((pattern) => pattern.test(baseName(path)))) return [];
      return [
        { path, line: 1, message: place.message, remedy: `move it out of ${path.slice(0, path.lastIndexOf('/'))}` },
      ];
    }),
};

const notRead: FileCheck = {
  code: 'not-read',
  severity: 'warning',
  find: ({ configs }) => [...notSourced(configs), ...otherSuffix(configs)],
};

/** `source-directory` takes names of letters, digits, dashes and underscores only: not `eth0.cfg`. */
function notSourced(configs: readonly Config[]): readonly Complaint[] {
  const files = configsOf(configs, 'ifupdown');
  const includes = files.flatMap(({ file: { path }, parsed }) =>
    parsed.includes.map((include) => ({ ...include, path })),
  );
  return files.flatMap(({ file: { path } }) => {
    const folder = path.slice(0, path.lastIndexOf('/'));
    const mine = includes.filter(
      (include) => include.path !== path && folder.endsWith(include.pattern.replace(/\/\*?$/, '')),
    );
    const directory = mine.find(({ keyword }) => keyword === 'source-directory');
    const isSourced = mine.some(({ keyword }) => keyword === 'source') || /^[\w-]+$/.test(baseName(path));
    if (directory === undefined || isSourced) return [];
    const message = `source-directory (${placeOf(directory, { path })}) ignores this file: names may only have letters, digits, - and _`;
    const renamed = baseName(path).replaceAll(/[^\w-]+/g, '_');
    const remedy = `rename it to ${renamed}, or write source ${directory.pattern.replace(/\/$/, '')}/* there`;
    return [{ path, line: 1, message, remedy }];
  });
}

function otherSuffix(configs: readonly Config[]): readonly Complaint[] {
  return configsOf(configs, 'netplan')
    .filter(({ file }) => /\/netplan\/[^/]*\.yml$/.test(file.path))
    .map(({ file: { path } }) => ({
      path,
      line: 1,
      message: 'netplan only reads *.yaml, and ignores this file',
      remedy: `rename it to ${baseName(path).replace(/yml$/, 'yaml')}`,
    }));
}

/** Keys that only SUSE's files have. */
const suseKeys = /^(STARTMODE|ETHERDEVICE|BRIDGE_PORTS|BONDING_SLAVE_?\d+)$/;

const otherDialect: FileCheck = {
  code: 'other-dialect',
  severity: 'warning',
  find: ({ configs }) =>
    configsOf(configs, 'ifcfg').flatMap(({ file: { path }, parsed }) => {
      const keys = parsed.entries.map(({ key }) => key);
      const isSuse = keys.some((key) => suseKeys.test(key)) && !keys.includes('DEVICE') && !keys.includes('ONBOOT');
      if (!isSuse && !/\/sysconfig\/network\/ifcfg-[^/]*$/.test(`/${path}`)) return [];
      const message = 'this is a file of SUSE (wicked), whose ifcfg keys mean something else: kvmnet does not check it';
      return [{ path, line: 1, message, remedy: 'check it with wicked show-config' }];
    }),
};

export const fileChecks: readonly FileCheck[] = [strayCopy, notRead, otherDialect];
