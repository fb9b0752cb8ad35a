/** Preloaded: the clock of this process is FAULT_CLOCK milliseconds from the host's; negative: it was set back. */
const { now } = Date;
const offset = Number(process.env.FAULT_CLOCK);

globalThis.Date = class extends Date {
  constructor(...given) {
    if (given.length === 0) super(now() + offset);
    else super(...given);
  }

  static now() {
    return now() + offset;
  }
};
