/**
 * The completion script for fish (complete(1) of fish). All is offered by one function, which reads
 * the command line as nlink does; fish quotes what is inserted by itself.
 */
import { namesOf } from '../../spec/types.ts';
import type { Command } from '../../spec/types.ts';
import { argumentFields, commandRows, offers, optionFields, shell, singleQuoted } from './candidates.ts';

const quoted = (text: string): string => singleQuoted(text, true);

/** @param directory where names are if the line does not say */
export function fishScript(commands: readonly Command[], directory: string): string {
  return `${HEAD}
function __nlink_default
    echo ${quoted(directory)}
end

function __nlink_commands
${commandRows(commands)
  .map(([name, summary]) => `    printf '%s\\t%s\\n' ${quoted(name)} ${quoted(summary)}`)
  .join('\n')}
end

# Options of a command: name, letter, kind of value, "+" if again, beside what not; and what it does.
function __nlink_options
    switch $argv[1]
${[null, ...commands].map(optionsOf).join('\n')}
    end
end

# Its arguments: kind, several, beside what not.
function __nlink_arguments
    switch $argv[1]
${commands
  .filter(({ arguments: args }) => args.length > 0)
  .map(argumentsOf)
  .join('\n')}
        case help
            echo ${quoted(`=${commands.map(({ name }) => name).join(',')}::`)}
    end
end
${ENGINE}`;
}

function optionsOf(command: Command | null): string {
  const lines = offers(command).map(
    (offer) => `            printf '%s\\t%s\\n' ${quoted(optionFields(offer))} ${quoted(offer.help)}`,
  );
  return `        case ${command === null ? "''" : namesOf(command).join(' ')}\n${lines.join('\n')}`;
}

const argumentsOf = (command: Command): string =>
  [
    `        case ${namesOf(command).join(' ')}`,
    ...command.arguments.map((argument) => `            echo ${quoted(argumentFields(argument))}`),
  ].join('\n');

const HEAD = shell`# fish completion for nlink, made by: nlink completion fish
# Install: nlink completion fish > ~/.config/fish/completions/nlink.fish
# or for one shell: nlink completion fish | source
`;

const ENGINE = shell`
function __nlink_names --no-scope-shadowing
    set -q directories[1]; or set -l directories (__nlink_default)
    for directory in $directories
        for entry in $directory/* $directory/.*
            set -l name (string replace -r '(?s)^.*/' '' -- $entry | string collect)
            test -d $entry; and continue
            # A dash would make it an option; a line or a tab within it would end the word that is offered.
            test -z "$ended"; and string match -q -- '-*' $name; and continue
            string match -qr '[\n\t]' -- $name; or echo $name
        end
    end
end

function __nlink_pids
    for entry in /proc/*
        string match -qr '^/proc/[0-9]+$' -- $entry; or continue
        set -l program
        test -r $entry/comm; and read program <$entry/comm
        printf '%s\t%s\n' (string replace /proc/ '' -- $entry) "$program"
    end 2>/dev/null
end

# What may stand for a kind of word, of which "$word" is typed.
function __nlink_kind --no-scope-shadowing
    switch $kind
        case name
            __nlink_names
        case pid
            __nlink_pids
        case target
            if string match -qr '^~|/' -- $word
                __fish_complete_path $word
            else
                __nlink_names
                string match -qr '^[0-9]' -- $word; and __nlink_pids
            end
        case program
            complete -C (string escape -- $word)
        case directory
            __fish_complete_directories $word ''
        case file
            __fish_complete_path $word
        case '=*'
            string split , -- (string sub -s 2 -- $kind)
        case ',*'
            # One more of a list: those that are in it already are not offered again.
            set -l listed (string split , -- $word)
            set -e listed[-1]
            for item in (string split , -- (string sub -s 2 -- $kind))
                contains -- $item $listed; or string join , -- $listed $item
            end
    end
end

# Takes note of an option: its name in "given", what it takes in "kind". Fails for a switch.
function __nlink_note --no-scope-shadowing
    set kind ''
    for line in $options
        set -l field (string split : -- (string split -m 1 \t -- $line)[1])
        test "$argv[1]" = "$field[1]"
        or begin
            test -n "$argv[2]"; and test "$argv[2]" = "$field[2]"
        end
        or continue
        set -a given $field[1]
        set kind $field[3]
        test -n "$kind"
        return
    end
    return 1
end

# The kind of the argument after "$place" others, in "kind" and "several"; fails if there is none.
function __nlink_place --no-scope-shadowing
    set -l left $place
    for line in (__nlink_arguments $command)
        set -l field (string split : -- $line)
        set -l blocked
        for other in (string split , -- $field[3])
            contains -- $other $given; and set blocked 1
        end
        test -z "$blocked"; or continue
        set kind $field[1]
        set several $field[2]
        test -z "$several"; and test $left -gt 0; or return 0
        set left (math $left - 1)
    end
    return 1
end

function __nlink_complete
    set -l tokens (commandline -opc)
    set -l word (commandline -ct)
    set -l command ''
    set -l options (__nlink_options '')
    set -l given
    set -l directories
    set -l place 0
    set -l ended ''
    set -l pending ''
    set -l kind ''
    set -l several ''

    # What stands before the cursor.
    for index in (seq 2 (count $tokens))
        set -l token $tokens[$index]
        if test -n "$pending"
            test $pending = directory; and set -a directories $token
            set pending ''
        else if test -z "$ended"; and test "$token" = --
            set ended 1
        else if test -z "$ended"; and string match -q -- '--*=*' $token
            set -l pair (string split -m 1 = -- $token)
            __nlink_note (string sub -s 3 -- $pair[1]) ''
            and test $given[-1] = directory
            and set -a directories $pair[2]
        else if test -z "$ended"; and string match -q -- '--*' $token
            __nlink_note (string sub -s 3 -- $token) ''
            and set pending $given[-1]
        else if test -z "$ended"; and string match -q -- '-?*' $token
            # -j, -jd DIR, -dDIR
            for at in (seq 2 (string length -- $token))
                if __nlink_note '' (string sub -s $at -l 1 -- $token)
                    set -l value (string sub -s (math $at + 1) -- $token)
                    if test -z "$value"
                        set pending $given[-1]
                    else if test $given[-1] = directory
                        set -a directories $value
                    end
                    break
                end
            end
        else if test -z "$command"
            set command $token
            set options (__nlink_options $command)
            set -q options[1]; or test $command = help; or return
        else
            __nlink_place; or return
            set place (math $place + 1)
            if test "$several" = rest
                # A command line of its own.
                complete -C (string join ' ' -- (string escape -- $tokens[$index..-1]) $word)
                return
            end
        end
    end

    if test -n "$pending"
        __nlink_kind
    else if test -z "$ended"; and string match -q -- '--*=*' $word
        set -l pair (string split -m 1 = -- $word)
        set word $pair[2]
        if __nlink_note (string sub -s 3 -- $pair[1]) ''
            __nlink_kind | string replace -r '^' (string escape --style=regex -- "$pair[1]=")
        end
    else if test -z "$ended"; and string match -q -- '-*' $word
        for line in $options
            set -l half (string split -m 1 \t -- $line)
            set -l field (string split : -- $half[1])
            set -l blocked
            for other in (string split , -- $field[5])
                contains -- $other $given; and set blocked 1
            end
            test -n "$blocked"; or printf '%s\t%s\n' --$field[1] $half[2]
        end
    else if test -z "$command"
        __nlink_commands
    else if __nlink_place
        __nlink_kind
    end
end

complete -c nlink -e
complete -c nlink -f -a '(__nlink_complete)'
`;
