# Completion of cn and cn-new for fish. In ~/.config/fish/config.fish:  cn completion fish | source
function __cn_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (cn __complete fish $words "$current" 2>/dev/null </dev/null)
    set -l lead (string match -r '^--[a-z-]+=' -- "$current")
    set -l path (string replace -r '^--[a-z-]+=' '' -- "$current")
    switch "$lines[1]"
        case files
            printf "$lead%s\n" (__fish_complete_path "$path")
        case folders
            printf "$lead%s\n" (__fish_complete_directories "$path" '')
        case '*'
            printf '%s\n' $lines[2..-1]
    end
end
complete -c cn -f -a '(__cn_complete)'
complete -c cn-new -f -a '(__cn_complete)'
