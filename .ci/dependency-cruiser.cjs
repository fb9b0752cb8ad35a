// The architecture of docs/architecture.md, checked: which layer may import which, and where each outside package lives.
// An import that breaks a rule is a design question, not a line to add here.

/** What each layer may import of ours, beside itself and errors.ts. `cli` may import all. */
const layers = {
  records: [],
  values: ['records'],
  xml: [],
  config: ['values', 'records'],
  firewall: ['values', 'records'],
  capture: [],
  libvirt: ['records'],
  host: ['values', 'records', 'capture'],
  state: ['values', 'records', 'xml'],
  plan: ['values', 'records', 'xml', 'config', 'firewall', 'state'],
  doctor: ['values', 'records', 'xml', 'config', 'firewall', 'state'],
  topology: ['values', 'records', 'xml', 'firewall', 'state'],
  observe: ['values', 'records', 'xml', 'config', 'firewall', 'capture', 'libvirt', 'host', 'state'],
  apply: ['values', 'records', 'xml', 'config', 'firewall', 'libvirt', 'host', 'state', 'plan', 'observe'],
};

/** What each room of a layer may import of the other rooms there, beside the files at its top. */
const rooms = {
  'plan/actions': [],
  'host/links': [],
  'host/files': [],
  'host/ssh': [],
  'host/child': [],
  'doctor/lint/ifupdown': ['lint'],
  'doctor/lint/netplan': ['lint'],
  'doctor/lint/networkd': ['lint'],
  'doctor/lint/networkmanager': ['lint'],
  'plan/steps': [],
  'plan/host': [],
  'plan/nic': ['steps', 'host'],
  'plan/network/check': [],
  'plan/network': ['network/check', 'nic', 'steps'],
  'plan/reserve': ['network', 'nic'],
  'plan/domain': ['nic', 'steps'],
  'plan/persist': ['actions', 'host'],
  'plan/nat': ['actions', 'host', 'reserve'],
  'plan/virsh': ['network', 'network/check', 'nic', 'steps'],
  'topology/path': [],
  'apply/verify': [],
  'apply/actions': ['verify'],
  'apply/journal': ['verify'],
  'cli/output': [],
  'cli/terminal': ['output'],
  'cli/views': ['output'],
  'cli/views/explain': ['output', 'views', 'explain'],
  'cli/console': ['output'],
  'cli/explain': ['output', 'terminal'],
  'cli/usage': ['virsh'],
  'cli/reference': [],
  'cli/complete': ['output', 'terminal', 'virsh'],
  'cli/virsh/grammar': ['output', 'console'],
  'cli/shell': ['output', 'terminal', 'usage', 'complete'],
  'cli/virsh/commands': ['virsh', 'virsh/grammar', 'terminal', 'views', 'console'],
  'cli/virsh': ['virsh/commands', 'virsh/grammar', 'output', 'terminal', 'views', 'console', 'shell', 'complete'],
  'cli/commands': ['output', 'terminal', 'views', 'views/explain', 'explain', 'console', 'shell', 'complete', 'virsh'],
};

/** Rooms that import nothing of ours but errors.ts, also not from the top of their layer. */
const sealed = ['libvirt/ffi'];

/** The files of a room, without those of a room inside it. */
const filesOf = (room) =>
  Object.keys(rooms).some((inner) => inner.startsWith(`${room}/`)) ? `^src/${room}/[^/]+$` : `^src/${room}/`;

const pure = '^src/(records|values|xml|config|firewall|capture|state|plan|doctor|topology)/';

/** Packages and Node's modules that have one home each, and why. */
const homes = [
  {
    name: 'koffi-lives-in-libvirt',
    packages: ['koffi'],
    home: '^src/libvirt/',
    comment: 'Only the binding calls C: a pointer never leaves src/libvirt.',
  },
  {
    name: 'threads-live-in-libvirt',
    packages: ['worker_threads'],
    home: '^src/libvirt/',
    comment: "libvirt's last error belongs to a thread, so the binding alone decides which thread makes a call.",
  },
  {
    name: 'programs-start-in-run',
    packages: ['child_process', 'execa', 'cross-spawn'],
    home: '^src/host/(run|child/node)\\.ts$',
    comment: 'One place starts programs: argument lists, a clean environment, a deadline and bounded output.',
  },
  {
    name: 'commander-and-ora-live-in-cli',
    packages: ['commander', 'ora'],
    home: '^src/cli/',
    comment: 'The library has no command line and prints nothing.',
  },
];

/** In what depcruise resolves, Node's modules stand by name and packages below node_modules. */
const outside = (packages) => packages.flatMap((name) => [`^(node:)?${name}(/|$)`, `(^|/)node_modules/${name}/`]);

/** A package that one file of src/xml alone may import, whichever file that is. */
const oneFileOfXml = (name) => ({
  name: `${name}-lives-in-xml`,
  severity: 'error',
  comment: `Reading or writing XML happens in src/xml alone: ${name} is not known elsewhere.`,
  from: { path: '^src/', pathNot: '^src/xml/' },
  to: { path: outside([name]) },
});

module.exports = {
  forbidden: [
    ...Object.entries(layers).map(([layer, allowed]) => ({
      name: `${layer}-layer`,
      severity: 'error',
      comment: `${layer} may import ${[...allowed, 'errors.ts'].join(', ')} and itself (docs/architecture.md).`,
      from: { path: `^src/${layer}/` },
      to: { path: '^src/', pathNot: [`^src/(${[layer, ...allowed].join('|')})/`, '^src/errors\\.ts$'] },
    })),
    ...Object.entries(rooms).map(([room, allowed]) => {
      const layer = room.split('/')[0];
      return {
        name: `${room.replaceAll('/', '-')}-room`,
        severity: 'error',
        comment: `src/${room} may import ${['the top of its layer', ...allowed].join(', ')} (docs/architecture.md).`,
        from: { path: filesOf(room) },
        to: { path: `^src/${layer}/.+/`, pathNot: [room, ...allowed.map((name) => `${layer}/${name}`)].map(filesOf) },
      };
    }),
    ...sealed.map((room) => ({
      name: `${room.replaceAll('/', '-')}-room`,
      severity: 'error',
      comment: `src/${room} imports nothing of ours but errors.ts.`,
      from: { path: filesOf(room) },
      to: { path: '^src/', pathNot: [filesOf(room), '^src/errors\\.ts$'] },
    })),
    {
      name: 'errors-stand-alone',
      severity: 'error',
      comment: 'Every layer imports errors.ts, so it imports nothing.',
      from: { path: '^src/errors\\.ts$' },
      to: { path: '.' },
    },
    {
      name: 'only-cli-imports-cli',
      severity: 'error',
      comment: 'The library works without its command line: nothing imports cli, index.ts included.',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'cli-looks-through-observe',
      severity: 'error',
      comment:
        'What a command knows of the host, the library can know: observe reads it. cli starts programs for the user.',
      from: { path: '^src/cli/' },
      to: { path: '^src/host/', pathNot: '^src/host/(run|find-program|state-directory)\\.ts$' },
    },
    {
      name: 'pure-layers-have-no-effects',
      severity: 'error',
      comment:
        'What computes is tested without a machine: no file, process or socket; of Node only `net` (isIP) and `util`.',
      from: { path: pure },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(net|util)$' },
    },
    {
      name: 'pure-layers-use-few-packages',
      severity: 'error',
      comment:
        'A package in a pure layer must be pure too: address arithmetic, the two XML packages, YAML and the width of text are.',
      from: { path: pure },
      to: {
        path: 'node_modules/',
        pathNot: outside(['ipaddr.js', 'fast-xml-parser', 'xmlbuilder2', 'yaml', 'string-width']),
      },
    },
    ...homes.map(({ name, packages, home, comment }) => ({
      name,
      severity: 'error',
      comment,
      from: { path: '^src/', pathNot: home },
      to: { path: outside(packages) },
    })),
    {
      name: 'nothing-is-required',
      severity: 'error',
      comment: 'createRequire hides an import from these rules, and from the bundler.',
      from: { path: '^src/' },
      to: { path: outside(['module']) },
    },
    oneFileOfXml('fast-xml-parser'),
    oneFileOfXml('xmlbuilder2'),
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files that need each other, by a dynamic import too, are one file, or need a third.',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-development-packages',
      severity: 'error',
      comment: 'A user who installs kvmnet gets its dependencies, not its development dependencies.',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'npm-optional'],
        pathNot: 'node_modules/@types/',
      },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      comment: 'An import that cannot be found escapes every other rule.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Types count: a type of another layer is a dependency on it.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
