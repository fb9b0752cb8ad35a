/** virsh's commands about the connection and its host. */
import { flag, type VirshDefinition } from '../grammar/definition.ts';
import { libvirtVersion } from '../libvirt-version.ts';

export const uri: VirshDefinition = {
  options: [],
  examples: [['virsh uri', 'the URI of the connection']],
  async run(call) {
    const found = (await (await call.connection('read')).call('describe')).uri;
    call.print(`${found}\n`);
    return { uri: found };
  },
};

export const version: VirshDefinition = {
  options: [flag('daemon', 'also print the version of the daemon')],
  examples: [['virsh version', 'the versions of libvirt and of the hypervisor']],
  async run(call) {
    const connection = await call.connection('read');
    const { hypervisor, libvirtVersion: daemon } = await connection.call('describe');
    const running = await connection.call('getHypervisorVersion');
    const client = libvirtVersion(await connection.call('getClientVersion'));
    call.print(`Compiled against library: libvirt ${client}\n`);
    call.print(`Using library: libvirt ${client}\n`);
    call.print(`Using API: ${hypervisor} ${client}\n`);
    call.print(
      running === 0
        ? `Cannot extract running ${hypervisor} hypervisor version\n`
        : `Running hypervisor: ${hypervisor} ${libvirtVersion(running)}\n`,
    );
    if (call.given('daemon')) call.print(`Running against daemon: ${libvirtVersion(daemon)}\n`);
    return { library: client, hypervisor, running: libvirtVersion(running), daemon: libvirtVersion(daemon) };
  },
};

export const hostname: VirshDefinition = {
  options: [],
  examples: [['virsh hostname', "the name of the connection's host"]],
  async run(call) {
    const name = await (await call.connection('read')).call('getHostname');
    call.print(`${name}\n`);
    return { hostname: name };
  },
};

export const nodeinfo: VirshDefinition = {
  options: [],
  examples: [['virsh nodeinfo', 'processors and memory of the host']],
  async run(call) {
    const info = await (await call.connection('read')).call('nodeInfo');
    const lines = [
      ['CPU model:', info.model],
      ['CPU(s):', String(info.cpus)],
      ['CPU frequency:', `${String(info.mhz)} MHz`],
      ['CPU socket(s):', String(info.sockets)],
      ['Core(s) per socket:', String(info.cores)],
      ['Thread(s) per core:', String(info.threads)],
      ['NUMA cell(s):', String(info.nodes)],
      ['Memory size:', `${String(info.memoryKiB)} KiB`],
    ];
    lines.forEach(([label = '', value = '']) => {
      call.print(`${label.padEnd(20)} ${value}\n`);
    });
    return info;
  },
};
