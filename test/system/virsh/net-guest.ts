/** The documents of the tests next to a running guest. */
import { more } from '../../helpers/virsh/networks.ts';

export const mac = '52:54:00:00:77:01';
export const busy = `<network><name>busy</name><uuid>00000000-0000-4000-8000-000000000041</uuid>
  <mac address='52:54:00:aa:00:41'/><bridge name='pbusy' stp='off' delay='0'/>
  <ip address='192.168.41.1' netmask='255.255.255.0'><dhcp><range start='192.168.41.2' end='192.168.41.99'/>
    <host mac='${mac}' name='keen' ip='192.168.41.50'/></dhcp></ip></network>`;

export const portUuid = '00000000-0000-4000-8000-0000000000aa';
export const port = `<networkport><uuid>${portUuid}</uuid><owner><name>keen</name><uuid>00000000-0000-4000-8000-0000000000bb</uuid></owner>
  <mac address='52:54:00:00:77:09'/></networkport>`;
export const filter = more.filter.replace('<rule', '<uuid>00000000-0000-4000-8000-0000000000cc</uuid><rule');
export const binding = `<filterbinding><owner><name>keen</name><uuid>00000000-0000-4000-8000-0000000000bb</uuid></owner>
  <portdev name='pbusy0'/><mac address='52:54:00:00:77:09'/><filterref filter='allow-arp'/></filterbinding>`;
