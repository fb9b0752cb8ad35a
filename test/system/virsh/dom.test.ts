import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kvmnetMany } from '../../helpers/fault/fault.ts';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, run, virsh, virshWith } from '../../helpers/host.ts';
import { nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { byKvmnet, byVirsh, documents, wordsOf, type Line, type Said } from '../../helpers/virsh/parity.ts';

const first = '52:54:00:00:0d:01';
const bridged = '52:54:00:00:0d:02';
const fresh = '52:54:00:00:0d:03';

const nic = (mac: string, network: string, more = ''): string =>
  `<interface type='network'><mac address='${mac}'/><source network='${network}'/><model type='virtio'/>${more}</interface>`;

const networks = {
  domnet: `<network><name>domnet</name><bridge name='domnet0' stp='off' delay='0'/><ip address='192.168.191.1' prefix='24'/></network>`,
  dombr: `<network><name>dombr</name><forward mode='bridge'/><bridge name='dombr0'/></network>`,
} as const;

const devices = {
  fresh: nic(fresh, 'domnet'),
  nameless: `<interface type='network'>\n  <source network='domnet'/>\n</interface>\n`,
  down: nic(first, 'domnet', "<link state='down'/>"),
  gone: nic(fresh, 'nosuch'),
  first: nic(first, 'domnet'),
  broken: '<interface type="network"><mac',
  empty: '',
  disk: `<disk type='file'><source file='/nosuch'/><target dev='vda' bus='virtio'/></disk>`,
} as const;
type Device = keyof typeof devices;

/** Lines that change nothing; @tap is the first NIC's tap, @name a document. */
const looks: readonly Line[] = [
  'domifaddr on',
  'domifaddr on --source arp',
  'domifaddr on --source arp --full --interface @tap',
  '-q domifaddr on --source arp',
  'domifaddr on --source agent',
  'domifaddr on --source rumour',
  'domifaddr off',
  'domifaddr nosuch',
  'domif-getlink on @tap',
  'domif-getlink on 52:54:0:0:D:1',
  `domif-getlink off ${first} --config`,
  `domif-getlink on @tap --persistent`,
  'domif-getlink on nosuch',
  '-q domif-getlink --domain on --interface @tap',
  'domifstat off vnet0',
  'domifstat on nosuch',
  'domifstat on',
  'domiftune on @tap',
  `domiftune on ${first} --config`,
  `domiftune off ${first}`,
  `domiftune off ${first} --live`,
  'domiftune on @tap --live --config',
  'domiftune on @tap --live --current',
  'domiftune on nosuch',
  'domiftune on @tap --inbound 1,2,3,4,5',
  'domiftune on @tap --inbound 4294967296',
  'domiftune on @tap --inbound ,5',
  'domiftune on @tap --outbound 5,,,5',
  'domiftune on @tap --outbound x',
  // XML that is only printed.
  'domif-setlink on @tap down --print-xml',
  `domif-setlink off ${first} up --print-xml --config`,
  'domif-setlink on @tap sideways',
  'domif-setlink on nosuch up',
  `detach-interface on network --mac ${first} --print-xml`,
  `detach-interface on network --mac ${first} --print-xml --persistent`,
  `detach-interface off network --mac ${first} --print-xml --config`,
  'detach-interface on hostdev --print-xml',
  'attach-interface on network domnet --print-xml',
  'attach-interface on bridge br0 --print-xml --model virtio --mac 52:54:00:00:0d:09 --target tap9 --script /bin/true --alias ua-x',
  'attach-interface on direct eno1 --print-xml --inbound 100,200,300,50 --outbound 10,,30',
  'attach-interface on hostdev 0000:01:0a.f --print-xml --managed',
  'attach-interface on hostdev nosuch --print-xml',
  'attach-interface nosuch vhostuser /run/sock --print-xml --source-mode server',
  'attach-interface on vhostuser /run/sock --print-xml',
  'attach-interface on vhostuser /run/sock --print-xml --source-mode both',
  'attach-interface on user x --print-xml',
  'attach-interface on network domnet --print-xml --inbound 0',
  'attach-interface on network domnet --print-xml --outbound 10,0,0,1',
  'attach-interface on network domnet --persistent --current',
  'attach-interface on network',
  // Refused commands.
  'attach-interface off network domnet',
  'attach-interface off network domnet --live',
  'attach-interface on network nosuch',
  'attach-device on @gone',
  'attach-device on @broken',
  'attach-device on @empty',
  'attach-device on /nosuch.xml',
  'attach-device on @disk',
  'attach-device off @fresh',
  `detach-interface on network --config`,
  `detach-interface on network --mac ${fresh} --persistent`,
  `detach-interface off network --mac ${first}`,
  'detach-device on @fresh --config',
  'detach-device-alias on nosuch',
  'detach-device-alias off net0 --config',
  'detach-device-alias on serial0',
  'detach-device-alias on net0 --live --current',
  'update-device on @fresh',
  'update-device on @fresh --config',
];

/** Lines that change something, each by virsh and by kvmnet from the same state. */
const changes: readonly Line[] = [
  // Changes of a configuration.
  `domif-setlink off ${first} down`,
  `domif-setlink on ${first} down --config`,
  `domif-setlink on ${first} up --persistent`,
  `domiftune off ${first} --inbound 100,200,300 --outbound 50`,
  `domiftune on ${first} --inbound 10,0,0,5 --config`,
  `domiftune off ${first} --inbound 0 --current`,
  'attach-interface off network domnet --config',
  `attach-interface off network domnet --current --mac ${fresh} --model e1000 --inbound 100`,
  `-q attach-interface on bridge dombr0 --mac ${fresh} --config`,
  'attach-device off @fresh --config',
  'attach-device off @nameless --persistent',
  `detach-interface off network --mac ${first} --config`,
  `detach-interface off network --mac ${first} --persistent`,
  `-q detach-interface on network --mac ${first} --config`,
  'detach-device off @first --current',
  'detach-device on @first --config',
  'update-device off @down',
  'update-device on @down --config',
  'update-device off @down --force --persistent',
  // Changes of the running domain.
  `attach-interface on network domnet --mac ${fresh} --persistent`,
  `attach-device on @fresh --live --config`,
  `attach-device on @nameless`,
  'update-device on @down --persistent',
  ['domif-setlink on @tap down; domif-getlink on @tap'],
  'domiftune on @tap --inbound 0',
  // A floor needs a network with limits of its own: see test/lab/nics.test.ts for what is done there.
  'domiftune on @tap --inbound 10,0,0,5',
  'domiftune on @tap --inbound ,,,5 --live',
  'detach-device-alias on net0',
  'detach-device-alias on net0 --live',
  'detach-device-alias on ua-br --config',
  '-q detach-device-alias off ua-br --config',
];

onPrivateHost("virsh's names for the NICs of domains", () => {
  const guests: Guest[] = [];
  let files: Awaited<ReturnType<typeof documents<Device>>>;
  const base: Record<string, string> = {};
  let start: readonly string[] = [];
  let tap = '';

  /** State that must be the same after both tools, without counters and random values of libvirt. */
  const normal = (text: string): string =>
    text
      .replace(/vnet\d+( ?) */g, 'vnetN$1')
      .replace(/ portid='.*?'/g, '')
      .replace(/ portid=".*?"/g, '')
      // libvirt leaves it empty where the last limit is taken away.
      .replace(/ *<bandwidth>\s*<\/bandwidth>\n/g, '')
      .replace(/(<domain [^>]*) id='\d+'/, '$1')
      .replace(/52:54:00:(?!00:0d)..:..:../g, 'made up');

  async function state(): Promise<readonly string[]> {
    const text = await virsh('dumpxml on; dumpxml on --inactive; dumpxml off');
    return text.split('</domain>').map((part) => normal(part.trim()));
  }

  async function restore(now: readonly string[]): Promise<void> {
    for (const [index, name] of [
      [1, 'on'],
      [2, 'off'],
    ] as const) {
      if (now[index] !== start[index]) await virshWith(base[name] ?? '', 'define', 'FILE');
    }
    if (now[0] !== start[0]) await restart();
  }

  async function restart(): Promise<void> {
    await virsh('destroy on; start on');
    tap = await findTap();
  }

  async function findTap(): Promise<string> {
    return (await nicsOf('on')).find(({ mac }) => mac === first)?.tap ?? '';
  }

  function placed(line: Line): Line {
    const place = (text: string): string =>
      text.replaceAll(/@(\w+)/g, (_, name: string) => (name === 'tap' ? tap : files.path(name as Device)));
    return typeof line === 'string' ? place(line) : line.map(place);
  }

  async function say(tool: typeof byVirsh, line: Line): Promise<Said> {
    const { stdout, status } = await tool(placed(line));
    return { stdout: normal(stdout), status };
  }

  async function after(tool: typeof byVirsh, line: Line): Promise<unknown> {
    const said = await say(tool, line);
    const left = await state();
    await restore(left);
    return { ...said, left };
  }

  beforeAll(async () => {
    await must('ip', ['link', 'add', 'name', 'dombr0', 'type', 'bridge']);
    await must('ip', ['link', 'set', 'dev', 'dombr0', 'up']);
    for (const [name, xml] of Object.entries(networks)) {
      await virshWith(xml, 'net-define', 'FILE');
      await virsh('net-start', name);
    }
    files = await documents(devices);
    const nics = [nic(first, 'domnet'), nic(bridged, 'dombr', "<alias name='ua-br'/>")];
    guests.push(await makeGuestWithoutSystem('on', { machine: 'pc', nics }));
    guests.push(await makeGuestWithoutSystem('off', { machine: 'pc', nics, start: false }));
    for (const name of ['on', 'off']) base[name] = await virsh('dumpxml', name, '--inactive');
    start = await state();
    tap = await findTap();
  });

  afterAll(async () => {
    for (const guest of guests) await guest.remove();
    const all = Object.keys(networks);
    await run('virsh', [all.map((name) => `net-destroy ${name}; net-undefine ${name}`).join('; ')]);
    await files.remove();
    await must('ip', ['link', 'delete', 'dev', 'dombr0']);
  });

  describe('that change nothing', () => {
    let said: readonly Said[];

    // In one process: what takes time is to start it.
    beforeAll(async () => {
      const outcomes = await kvmnetMany(looks.map((line) => ({ args: wordsOf(placed(line)) })));
      said = outcomes.map(({ stdout, status }) => ({ stdout: normal(stdout), status }));
    });

    it.each(looks.map((line, index) => [line, index] as const))(
      'print and return what virsh does: %s',
      async (line, index) => {
        expect(said[index]).toEqual(await say(byVirsh, line));
      },
    );
  });

  it('change nothing by looking, printing XML, or what is refused', async () => {
    expect(await state()).toEqual(start);
  });

  it.each(changes)('print, return and leave what virsh does: %s', async (line) => {
    const expected = await after(byVirsh, line);
    expect(await after(byKvmnet, line)).toEqual(expected);
  });

  it('count in the lines of virsh', async () => {
    const words = ({ stdout, status }: { stdout: string; status: number }): unknown => [
      stdout.replace(/\d+$/gm, 'N'),
      status,
    ];
    expect(words(await say(byKvmnet, 'domifstat on @tap'))).toEqual(words(await say(byVirsh, 'domifstat on @tap')));
    expect((await say(byKvmnet, 'domifstat on @tap')).stdout).toContain('vnetN tx_drop ');
  });

  it.each(['detach-device on @first', `detach-interface on network --mac ${bridged} --persistent`])(
    'fail if the guest keeps the NIC, which stays in both scopes: %s',
    async (line) => {
      // libvirt itself waits for 5 seconds.
      const words = line.replace('@first', files.path('first')).split(' ');
      const { stdout, stderr, status } = await kvmnet([...words, '--timeout', '20']);
      expect([stdout, status]).toEqual(['\n', 1]);
      expect(stderr).toContain('the guest has not released it');
      expect(await state()).toEqual(start);
      // The request is still with the guest.
      await restart();
    },
  );

  it.each([
    `attach-interface off network domnet --mac ${fresh} --config`,
    `detach-interface off network --mac ${first} --config`,
    'update-device off @down',
    `domif-setlink off ${first} down`,
    `domiftune off ${first} --inbound 100`,
  ])('are reverted by undo: %s', async (line) => {
    const before = await virsh('dumpxml', 'off');
    expect((await byKvmnet(line.replace('@down', files.path('down')))).status).toBe(0);
    expect(await virsh('dumpxml', 'off')).not.toBe(before);
    expect((await kvmnet(['undo', '--yes'])).status).toBe(0);
    const sorted = (xml: string): readonly string[] => xml.split('\n').sort();
    expect(sorted(await virsh('dumpxml', 'off'))).toEqual(sorted(before));
    await virshWith(base['off'] ?? '', 'define', 'FILE');
  });
});
