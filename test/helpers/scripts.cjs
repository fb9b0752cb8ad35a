// Preloaded into kvmnet by node --require: at its end it writes which scripts V8 had compiled code for, a line each, to SCRIPTS.
const { writeFileSync } = require('node:fs');
const { basename } = require('node:path');
const vm = require('node:vm');

const lines = [];
vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    if (options.cachedData)
      lines.push(`${this.cachedDataRejected ? 'refused' : 'taken'} ${basename(options.filename)}`);
  }
};
process.on('exit', () => {
  writeFileSync(process.env.SCRIPTS, `${lines.join('\n')}\n`);
});
