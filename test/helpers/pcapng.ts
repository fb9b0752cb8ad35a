/** Reads pcapng independently of the code that writes it: the names of interfaces, and the packets of each. */
export function readPcapng(file: Buffer): {
  readonly interfaces: readonly string[];
  readonly packets: readonly number[];
} {
  const interfaces: string[] = [];
  const packets: number[] = [];
  for (let at = 0; at < file.length;) {
    const [type, length] = [file.readUInt32LE(at), file.readUInt32LE(at + 4)];
    if (file.readUInt32LE(at + length - 4) !== length) throw new Error(`the block at ${at} has two lengths`);
    if (type === 1) {
      // if_name is option 2; options follow the link type and the snapshot length.
      for (let option = at + 16; file.readUInt16LE(option) !== 0;) {
        const [code, size] = [file.readUInt16LE(option), file.readUInt16LE(option + 2)];
        if (code === 2) interfaces.push(file.toString('utf8', option + 4, option + 4 + size));
        option += 4 + Math.ceil(size / 4) * 4;
      }
      packets.push(0);
    }
    if (type === 6) packets[file.readUInt32LE(at + 8)]! += 1;
    at += length;
  }
  return { interfaces, packets };
}
