/**
 * The part of the completion script for bash that is the same whatever the commands are: it reads
 * the table that bash.ts writes before it.
 */
import { shell } from './candidates.ts';

export const ENGINE: string = shell`
# A word without its quotes and backslashes, in REPLY.
_nlink_plain() {
  local word=$1 quote='' character i
  REPLY=''
  for ((i = 0; i < \${#word}; i++)); do
    character=\${word:i:1}
    case $quote$character in
      '\' | '"\')
        ((++i))
        REPLY+=\${word:i:1}
        ;;
      "'" | '"') quote=$character ;;
      "''" | '""') quote='' ;;
      *) REPLY+=$character ;;
    esac
  done
}

# Takes note of an option; "pending" is its name if the next word is its value.
_nlink_note() { # name, letter, whether there is a value already, the value
  local option field name=\${1#--}
  for option in "\${options[@]}"; do
    IFS=: read -r -a field <<<"$option"
    [[ ( -n $name && \${field[0]} == "$name" ) || ( -n $2 && \${field[1]} == "$2" ) ]] || continue
    given+="\${field[0]} "
    [[ -n \${field[2]} ]] || return 1
    kind=\${field[2]}
    if [[ -n $3 ]]; then
      [[ \${field[0]} != directory ]] || directories+=("$4")
    else
      pending=\${field[0]}
    fi
    return 0
  done
  kind=''
  return 1
}

# The words of one option: -j, -jd DIR, -dDIR, --json, --directory DIR, --directory=DIR.
_nlink_option() {
  local word=$1 i
  case $word in
    --*=*) _nlink_note "\${word%%=*}" '' 1 "\${word#*=}" ;;
    --*) _nlink_note "$word" '' '' ;;
    *)
      for ((i = 1; i < \${#word}; i++)); do
        if _nlink_note '' "\${word:i:1}" "\${word:i+1}" "\${word:i+1}"; then return; fi
      done
      ;;
  esac
}

# The kind of the argument after "$1" others, in "kind" and "several"; fails if there is none.
_nlink_place() {
  local argument field other left=$1
  for argument in "\${arguments[@]}"; do
    IFS=: read -r -a field <<<"$argument"
    for other in \${field[2]//,/ }; do [[ $given != *" $other "* ]] || continue 2; done
    kind=\${field[0]} several=\${field[1]}
    [[ -z $several && $left -gt 0 ]] || return 0
    ((left--))
  done
  return 1
}

# Offers words that begin with what is typed, quoted as it is; "before" stands before each.
_nlink_offer() {
  local word
  for word; do
    [[ $word == "$plain"* ]] || continue
    case $quote in
      "'") word=\${word//\'/\'\\\'\'} ;;
      '"')
        word=\${word//\\/\\\\}
        word=\${word//\"/\\\"}
        word=\${word//\$/\\\$}
        word=\${word//\${tick}/\\\${tick}}
        ;;
      *) printf -v word %q "$word" ;;
    esac
    COMPREPLY+=("$before$word")
  done
}

_nlink_names() {
  local directory entry nullglob entries=()
  ((\${#directories[@]})) || directories=("$_nlink_default")
  nullglob=$(shopt -p nullglob)
  shopt -s nullglob
  for directory in "\${directories[@]}"; do
    [[ $directory != '~/'* ]] || directory=~/\${directory#??}
    if [[ $plain == .* ]]; then entries=("$directory"/.*); else entries=("$directory"/*); fi
    for entry in "\${entries[@]}"; do
      # A dash would make it an option.
      [[ -d $entry || ( -z $ended && $entry == */-* ) ]] || _nlink_offer "\${entry##*/}"
    done
  done
  $nullglob
}

_nlink_pids() {
  local entry
  for entry in /proc/[1-9]*; do _nlink_offer "\${entry##*/}"; done
}

# Paths: readline quotes them itself, and puts a slash after directories.
_nlink_paths() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$before$path"); done < <(compgen "$1" -- "$plain")
}

_nlink_kind() {
  local word listed=''
  case $1 in
    name) _nlink_names ;;
    pid) _nlink_pids ;;
    target)
      case $plain in
        */* | '~'*) _nlink_paths -f ;;
        [0-9]*) _nlink_names; _nlink_pids ;;
        *) _nlink_names ;;
      esac
      ;;
    program) _nlink_paths -c ;;
    directory) _nlink_paths -d ;;
    file) _nlink_paths -f ;;
    =*)
      IFS=, read -r -a words <<<"\${1#=}"
      _nlink_offer "\${words[@]}"
      ;;
    ,*)
      # One more of a list: those that are in it already are not offered again.
      if [[ $plain == *,* ]]; then
        listed=,\${plain%,*},
        before+=\${plain%,*},
        plain=\${plain##*,}
      fi
      IFS=, read -r -a words <<<"\${1#,}"
      for word in "\${words[@]}"; do [[ $listed == *",$word,"* ]] || _nlink_offer "$word"; done
      compopt -o nospace 2>/dev/null
      ;;
  esac
}

_nlink_options() {
  local option field other
  for option in "\${options[@]}"; do
    IFS=: read -r -a field <<<"$option"
    for other in \${field[4]//,/ }; do [[ $given != *" $other "* ]] || continue 2; done
    _nlink_offer "--\${field[0]}"
  done
}

_nlink() {
  local IFS=$' \t\n' REPLY tick='\`'
  local line=\${COMP_LINE:0:COMP_POINT} left word i current plain quote='' before='' command='' given=' ' place=0
  local ended='' pending='' kind='' several='' rest=-1 tail
  local -a words=() starts=() options=() arguments=() directories=()
  COMPREPLY=()

  # Whole words up to the cursor: what no space stands before belongs to the one before.
  left=$line
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    tail=\${left#"\${left%%[![:space:]]*}"}
    # The cursor may stand within a word.
    if [[ $i -eq $COMP_CWORD && -n $line && $word != "$tail" && $word == "$tail"* ]]; then word=$tail; fi
    if [[ $i -gt 0 && -n $line && $left == "$tail" && ( -n $left || -z $word ) ]]; then
      words[\${#words[@]} - 1]+=$word
    else
      words+=("$word")
      starts+=("$i")
    fi
    left=\${tail#"$word"}
  done
  current=\${words[\${#words[@]} - 1]}

  # What stands before it.
  _nlink_table ''
  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    _nlink_plain "\${words[i]}"
    word=$REPLY
    if [[ -n $pending ]]; then
      [[ $pending != directory ]] || directories+=("$word")
      pending=''
    elif [[ -z $ended && $word == -- ]]; then
      ended=1
    elif [[ -z $ended && $word == -?* ]]; then
      _nlink_option "$word"
    elif [[ -z $command ]]; then
      command=$word
      _nlink_table "$command" || return 0
    else
      _nlink_place "$place" || return 0
      ((++place))
      if [[ $several == rest ]]; then
        rest=$i
        break
      fi
    fi
  done

  if ((rest >= 0)); then
    # A command line of its own.
    if declare -F _comp_command_offset >/dev/null; then
      _comp_command_offset "\${starts[rest]}"
    elif declare -F _command_offset >/dev/null; then
      _command_offset "\${starts[rest]}"
    else
      plain=$current
      _nlink_paths -f
    fi
    return 0
  fi

  case $current in
    [\"\']*) quote=\${current:0:1} ;;
  esac
  _nlink_plain "$current"
  plain=$REPLY
  if [[ -n $pending ]]; then
    _nlink_kind "$kind"
  elif [[ -z $ended && $plain == --*=* ]]; then
    before=\${plain%%=*}=
    plain=\${plain#*=}
    _nlink_note "\${before%=}" '' 1 '' || return 0
    [[ $before != --directory= ]] || directories=()
    _nlink_kind "$kind"
  elif [[ -z $ended && $plain == -* ]]; then
    _nlink_options
  elif [[ -z $command ]]; then
    _nlink_offer "\${_nlink_commands[@]}"
  elif _nlink_place "$place"; then
    _nlink_kind "$kind"
  elif [[ -z $plain && -z $ended ]]; then
    _nlink_options
  fi

  # readline replaces only what stands behind the last character that it splits words at.
  if [[ -z $quote && $current == *[=:@]* ]]; then
    tail=\${current%"\${current##*[=:@]}"}
    if [[ $COMP_WORDBREAKS == *"\${tail: -1}"* ]]; then
      # It leaves an @ with the word after it.
      tail=\${tail%@}
      for i in "\${!COMPREPLY[@]}"; do COMPREPLY[i]=\${COMPREPLY[i]#"$tail"}; done
    fi
  fi
}

complete -F _nlink nlink
`;
