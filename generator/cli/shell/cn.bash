# Completion of cn and cn-new for bash. In ~/.bashrc:  eval "$(cn completion bash)"
_cn() {
  local program=cn kind='' line
  [[ $1 == */* ]] && program=${1%/*}/cn
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $kind ]]; then kind=$line; else COMPREPLY+=("${line%%$'\t'*}"); fi
  done < <("$program" __complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null </dev/null)
  case $kind in
    files) compopt -o default ;;
    folders) compopt -o dirnames ;;
    open) compopt -o nospace ;;
  esac
}
complete -F _cn cn cn-new
