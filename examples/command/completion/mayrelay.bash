# shellcheck shell=bash
# Completion of mayrelay in bash.  Commands, options and their values are read
# out of what --help says, so they are those of the version that is installed.

_mayrelay_commands() {
    "$1" --help 2>/dev/null | sed -n 's/^  \([a-z]*\)   *[^ ].*/\1/p' |
        grep -v '^$'
}

_mayrelay_options() {
    "$1" "$2" --help 2>/dev/null | grep -oE '^  -[^ ,[]+(, --[^ ,[]+)?' |
        tr -d ', ' | sed 's/--/\n&/' | grep .
}

# What stands behind an option: IP, IMAGE, none|tempfail; nothing for a switch.
_mayrelay_argument() {
    "$1" "$2" --help 2>/dev/null |
        sed -n "s/^  \(.*, \)\{0,1\}$3 \([^ ]*\)\$/\2/p"
}

_mayrelay() {
    local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]}
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local argument='' choices=''
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        choices="$(_mayrelay_commands "$program") help --help --version"
    elif [ "$command" = help ]; then
        choices=$(_mayrelay_commands "$program")
    else
        [[ $previous == -* ]] &&
            argument=$(_mayrelay_argument "$program" "$command" "$previous")
        case $argument in
        '') [[ $word == -* ]] && choices=$(_mayrelay_options "$program" "$command") ;;
        *[a-z]*) choices=${argument//|/ } ;;
        esac
    fi
    # What has no choices is a file, as the policy is.
    mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word")
}

complete -o default -F _mayrelay mayrelay
