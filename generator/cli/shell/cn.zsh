#compdef cn cn-new
# Completion of cn and cn-new for zsh. In ~/.zshrc, after compinit:  source <(cn completion zsh)
_cn() {
  local program=cn kind line
  local -a lines values shown after
  [[ $words[1] == */* ]] && program=${words[1]%/*}/cn
  lines=("${(@f)$("$program" __complete zsh "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null </dev/null)}")
  kind=$lines[1]
  shift lines
  case $kind in
    files | folders)
      [[ $PREFIX == --*=* ]] && compset -P '*='
      if [[ $kind == files ]]; then _files; else _files -/; fi
      return
      ;;
    open) after=(-S '') ;;
  esac
  for line in $lines; do
    values+=("${line%%$'\t'*}")
    shown+=("${line/$'\t'/  }")
  done
  (( $#values )) && compadd "${(@)after}" -l -d shown -a values
}
if [[ $funcstack[1] == _cn ]]; then
  _cn "$@"
else
  compdef _cn cn cn-new
fi
