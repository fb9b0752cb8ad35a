/** Arguments and options that commands for source NAT share. */
import { text } from '../../options.ts';

export const subnet = { name: '<SUBNET>', description: 'Subnet of the guests, such as 192.168.10.0/24' };
export const dev = text('--dev <NIC>', 'Device by which the packets leave', 'link');
