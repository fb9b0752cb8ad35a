/** Output of `kvmnet completion`: for each shell a few lines that ask kvmnet itself for the candidates. */

export const shells = ['bash', 'zsh', 'fish'] as const;
export type CompletedShell = (typeof shells)[number];

/** The script, with how to install it on top. */
export function completionScript(shell: CompletedShell): string {
  return { bash, zsh, fish }[shell];
}

const bash = `# Completion of kvmnet for bash 4.4 or later.
# For this session:  source <(kvmnet completion bash)
# For one user:      kvmnet completion bash > ~/.local/share/bash-completion/completions/kvmnet
#                    (needs the package bash-completion; without it put the first line into ~/.bashrc)
# For all users:     kvmnet completion bash > /usr/share/bash-completion/completions/kvmnet
_kvmnet() {
  local line=\${COMP_LINE:0:COMP_POINT}
  mapfile -t COMPREPLY < <(command kvmnet __complete-bash "$line" "$COMP_WORDBREAKS" 2>/dev/null)
  # A directory, or an option that takes its value in the same word, is not complete.
  if [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == */ ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -o nosort -F _kvmnet kvmnet
`;

const zsh = `#compdef kvmnet
# Completion of kvmnet for zsh.
# For this session:  source <(kvmnet completion zsh)
# For one user:      kvmnet completion zsh > ~/.zsh/completions/_kvmnet
#                    (and in ~/.zshrc: fpath=(~/.zsh/completions $fpath); autoload -U compinit; compinit)
# For all users:     kvmnet completion zsh > /usr/local/share/zsh/site-functions/_kvmnet
_kvmnet() {
  local line word
  local -a typed whole open
  typed=("\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}")
  for line in "\${(@f)$(command kvmnet __complete "\${typed[@]}" 2>/dev/null)}"; do
    [[ -n $line ]] || continue
    word=\${line%%$'\\t'*}
    line=\${word//:/\\\\:}\${line#"$word"}
    # A directory is not complete: no space after it.
    if [[ $word == */ ]]; then open+=("\${line/$'\\t'/:}"); else whole+=("\${line/$'\\t'/:}"); fi
  done
  _describe -V -t kvmnet kvmnet whole -- open -S ''
}
if [[ $funcstack[1] == _kvmnet ]]; then _kvmnet "$@"; else compdef _kvmnet kvmnet; fi
`;

const fish = `# Completion of kvmnet for fish 3.1 or later.
# For this session:  kvmnet completion fish | source
# For one user:      kvmnet completion fish > ~/.config/fish/completions/kvmnet.fish
# For all users:     kvmnet completion fish > /usr/share/fish/vendor_completions.d/kvmnet.fish
function __kvmnet_complete
    set -l typed (commandline -opc)
    # Quotes and backslashes of a word that is not whole yet: fish compares without them.
    set -l current (commandline -ct | string replace -ra '[\\'"]|\\\\\\\\(.)' '$1')
    command kvmnet __complete $typed[2..-1] "$current" 2>/dev/null
end
complete -c kvmnet -e
complete -c kvmnet -f -k -a '(__kvmnet_complete)'
`;
