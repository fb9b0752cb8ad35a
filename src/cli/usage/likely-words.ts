/** Guesses by its words what a command line needs, before its command is known. A wrong guess only takes longer. */

/** Words of command lines that need no libvirt. */
export const withoutLibvirt: readonly string[] = ['--help', '-h', 'help', '--version', 'completion', 'history'];

/** Words of commands that change a network or a VM. */
export const changingWords: readonly string[] = [
  ...'attach autostart clone create define delete detach heal link move pin rate reboot release rename reserve'.split(
    ' ',
  ),
  ...'restart resume set start stop suspend undo attach-interface detach-interface domif-setlink'.split(' '),
  ...'net-autostart net-create net-define net-destroy net-start net-undefine net-update update-device'.split(' '),
];
