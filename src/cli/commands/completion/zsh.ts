/**
 * The completion script for zsh (zshcompsys(1)): each command is a call of `_arguments`, which
 * knows what excludes what.
 */
import { namesOf } from '../../spec/types.ts';
import type { Argument, Command, Option } from '../../spec/types.ts';
import { ALONE, commandRows, kindOf, offers, shell, singleQuoted } from './candidates.ts';
import type { Offer } from './candidates.ts';

/** @param directory where names are if the line does not say */
export function zshScript(commands: readonly Command[], directory: string): string {
  return `${HEAD}
_nlink_default=${singleQuoted(directory)}

_nlink_commands() {
  local -a commands=(
${commandRows(commands)
  .map(([name, summary]) => `    ${singleQuoted(`${name}:${summary}`)}`)
  .join('\n')}
  )
  _describe -t commands command commands
}

_nlink_command() {
  case $1 in
${commands.map(entry).join('\n')}
    help)
      _arguments ': :(${commands.map(({ name }) => name).join(' ')})'
      ;;
  esac
}

_nlink() {
  local curcontext=$curcontext state state_descr line ret=1
  local -A opt_args
  _arguments -C -s \\
${optionSpecs(null).map(indented).join('')}    ': :_nlink_commands' \\
    '*:: :->command' && ret=0
  if [[ $state == command ]]; then
    curcontext=\${curcontext%:*:*}:nlink-$words[1]:
    _nlink_command $words[1] && ret=0
  fi
  return ret
}
${ENGINE}`;
}

function entry(command: Command): string {
  const { arguments: args } = command;
  const specs = [
    ...optionSpecs(command),
    ...args.map((argument, index) => argumentSpec(argument, index + 1)),
  ];
  // After the first word of a rest nothing is an option of nlink.
  const flags = args.some(({ several }) => several === 'rest') ? `-s -S -A '-*'` : '-s -S';
  return `    ${namesOf(command).join('|')})
      _arguments ${flags} \\
${specs.map((spec) => `  ${indented(spec)}`).join('')}        && return
      ;;`;
}

const indented = (spec: string): string => `    ${singleQuoted(spec)} \\\n`;

/**
 * The options of a command, or of nlink itself (null): `(excluded)--name=[help]:VALUE:action`, and
 * the same for a letter.
 */
function optionSpecs(command: Command | null): string[] {
  const all = offers(command);
  return all.flatMap((offer) => {
    const { name, value, repeatable } = offer.option;
    const excluded = ALONE.has(name) ? '- *' : excludedBy(offer, all, command?.arguments ?? []).join(' ');
    const takes = value === undefined ? '' : `:${messageOf(value)}:${action(kindOf(offer.option))}`;
    const rest = `[${offer.help.replace(/[\\\][:]/g, '\\$&')}]${takes}`;
    return spelled(offer.option).map((spelling) => {
      const sign = value === undefined ? '' : spelling.startsWith('--') ? '=' : '+';
      return `(${excluded})${repeatable === true ? '*' : ''}${spelling}${sign}${rest}`;
    });
  });
}

/**
 * Every spelling of the options that are not to be offered any more, and the places that are not
 * there.
 */
function excludedBy(offer: Offer, all: readonly Offer[], args: readonly Argument[]): string[] {
  const options = offer.excludes
    .filter((name) => !ALONE.has(name))
    .flatMap((name) => all.filter(({ option }) => option.name === name))
    .flatMap(({ option }) => spelled(option));
  const places = args.flatMap(({ notWith }, index) =>
    notWith?.includes(offer.option.name) === true ? [String(index + 1)] : [],
  );
  return [...options, ...places];
}

const spelled = ({ name, short }: Option): string[] =>
  short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];

function argumentSpec(argument: Argument, place: number): string {
  const { value, several } = argument;
  const message = messageOf(value);
  if (several === 'rest') return `*:::${message}:_nlink_rest`;
  return `${several === 'words' ? '*' : place}:${message}:${action(kindOf(argument))}`;
}

const messageOf = (text: string): string => text.replaceAll(':', String.raw`\:`);

function action(kind: string): string {
  if (kind.startsWith('=')) return `(${kind.slice(1).replaceAll(',', ' ')})`;
  if (kind.startsWith(',')) return `_sequence compadd - ${kind.slice(1).replaceAll(',', ' ')}`;
  return ACTIONS[kind] ?? ' ';
}

const ACTIONS: Readonly<Record<string, string>> = {
  name: '_nlink_names',
  target: '_nlink_targets',
  pid: '_nlink_pids',
  program: '_command_names -e',
  directory: '_files -/',
  file: '_files',
};

const HEAD = shell`#compdef nlink
# zsh completion for nlink, made by: nlink completion zsh
# Install: nlink completion zsh > a directory of $fpath, as _nlink
# or for one shell, after compinit: source <(nlink completion zsh)
`;

const ENGINE = shell`
# The directories of names on the line, or the usual one.
_nlink_directories() {
  local word next=
  reply=()
  for word in "\${(@)words[1,CURRENT-1]}"; do
    word=\${(Q)word}
    if [[ -n $next ]]; then
      reply+=($word)
      next=
    elif [[ $word == --directory=* ]]; then
      reply+=(\${word#*=})
    elif [[ $word == --directory || $word == -[^-]#d ]]; then
      next=1
    elif [[ $word == -d* ]]; then
      reply+=(\${word#-d})
    elif [[ $word == -- ]]; then
      break
    fi
  done
  reply=(\${reply/#\~\//$HOME/})
  (( $#reply )) || reply=($_nlink_default)
}

_nlink_names() {
  setopt localoptions extendedglob
  local directory
  local -a reply names
  _nlink_directories
  for directory in $reply; do names+=($directory/*(ND^/:t)); done
  # Those that begin with a dot only if that is typed, as with files.
  [[ $PREFIX == .* ]] || names=(\${names:#.*})
  # A dash would make it an option.
  (( \${words[(I)--]} && \${words[(I)--]} < CURRENT )) || names=(\${names:#-*})
  _wanted names expl 'network namespace' compadd -a names
}

_nlink_pids() {
  local pid comm
  local -a pids rows
  for pid in /proc/<->(N:t); do
    comm=
    { read -r comm </proc/$pid/comm } 2>/dev/null
    pids+=($pid)
    rows+=("$pid $comm")
  done
  _wanted pids expl process compadd -d rows -a pids
}

_nlink_targets() {
  case $PREFIX in
    *\/* | \~*) _files ;;
    [0-9]*) _alternative 'names:name:_nlink_names' 'pids:process:_nlink_pids' ;;
    *) _nlink_names ;;
  esac
}

# A command line of its own.
_nlink_rest() {
  if [[ $words[1] == -- && CURRENT -gt 1 ]]; then
    shift words
    (( CURRENT-- ))
  fi
  _normal
}

if [[ $funcstack[1] == _nlink ]]; then
  _nlink "$@"
else
  compdef _nlink nlink
fi
`;
