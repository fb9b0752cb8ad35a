/** Checks of NetworkManager's profiles alone. Sources: nm-settings(5); nm_setting_connection_verify() of NetworkManager 1.42. */
import { configsOf } from '../../../config/config.ts';
import { keyfileValues } from '../../../config/networkmanager/read.ts';
import { about, type LintCheck } from '../check.ts';
import { keyfileProfileChecks } from './rules.ts';
import { portSections } from './values.ts';

const portSectionNames: ReadonlySet<string | undefined> = new Set(portSections.values());

/** A port names its master and that one's kind, by a section that only its ports have or by name; or neither. */
const masterWithoutType: LintCheck = {
  code: 'master-without-type',
  severity: 'error',
  find: ({ configs }) =>
    configsOf(configs, 'networkmanager').flatMap((config) => {
      const value = keyfileValues(config);
      const master = value('connection', 'controller') ?? value('connection', 'master');
      const type = value('connection', 'port-type') ?? value('connection', 'slave-type');
      const typeKey = master?.key === 'controller' ? 'port-type' : 'slave-type';
      const hasPortSection = config.parsed.sections.some(({ name }) => portSectionNames.has(name));
      if (master && !type) {
        if (hasPortSection) return [];
        const message = `${master.key}=${master.value} without ${typeKey}: NetworkManager refuses the profile`;
        return [about(master, message, `write ${typeKey}=bridge or ${typeKey}=bond below it`)];
      }
      if (!type || master) return [];
      const masterKey = type.key === 'port-type' ? 'controller' : 'master';
      const message = `${type.key}=${type.value} without ${masterKey}: NetworkManager refuses the profile`;
      return [about(type, message, `write ${masterKey}= with the name of the ${type.value} below it`)];
    }),
};

export const keyfileChecks: readonly LintCheck[] = [masterWithoutType, ...keyfileProfileChecks];
