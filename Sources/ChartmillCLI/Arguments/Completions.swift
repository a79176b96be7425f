/// Completion scripts, made from what the commands declare.
enum Completions {
  enum Shell: String, CaseIterable {
    case bash
    case zsh
    case fish
  }

  static func script(for shell: Shell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }

  /// The commands, and the words in place of one.
  private static var firstWords: String {
    (Commands.names + Request.words.map(\.name)).joined(separator: " ")
  }

  // Bash

  /// The helpers use the variables of `_chartmill`. `compopt` makes readline add a slash to a
  /// folder and quote names. It is called only for names, because readline would also take a word
  /// for the folder of that name. `compopt` fails if the function is called outside of a
  /// completion.
  private static var bash: String {
    var text = """
      # Completion of chartmill for bash: source it, or put it in bash-completion's folder.
      _chartmill_words() {
        mapfile -t COMPREPLY < <(compgen -P "$prefix" -W "$1" -- "$word")
      }
      _chartmill_paths() {
        compopt -o filenames ${prefix:+-o nospace} 2> /dev/null
        mapfile -t COMPREPLY < <(compgen -P "$prefix" "$1" -- "$word")
      }
      _chartmill() {
        local word=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD-1]} prefix= assigned=
        COMPREPLY=()
        if ((COMP_CWORD == 1)); then
          _chartmill_words "\(firstWords) --help --version"
          return
        fi
        # After FLAG=. The sign is a word of its own unless COMP_WORDBREAKS is without it.
        if [[ $word == = ]]; then
          word= assigned=yes
        elif [[ $flag == = ]]; then
          flag=${COMP_WORDS[COMP_CWORD-2]} assigned=yes
        elif [[ $word == --*=* ]]; then
          flag=${word%%=*} word=${word#*=} prefix=$flag= assigned=yes
        elif [[ $word == : || $flag == : ]]; then
          return  # The word is a part of a name.
        fi
        case ${COMP_WORDS[1]}:$flag in

      """
    for command in Commands.all {
      for flag in command.allFlags where flag.value != nil {
        text += "    \(command.name):\(flag.spelling)) \(bash(flag.value)) ;;\n"
      }
    }
    text += "    *)\n      [[ -z $assigned ]] || return\n      case ${COMP_WORDS[1]}:$word in\n"
    for command in Commands.all {
      let flags = ArgumentKind.word("FLAG", of: command.allFlags.map(\.spelling))
      text += "        \(command.name):-*) \(bash(flags)) ;;\n"
      if command.operand != nil {
        text += "        \(command.name):*) \(bash(command.operand)) ;;\n"
      }
    }
    text += "        help:*) _chartmill_words \"\(Commands.names.joined(separator: " "))\" ;;\n"
    return text + """
          esac
          ;;
        esac
      }
      complete -F _chartmill chartmill

      """
  }

  private static func bash(_ value: ArgumentKind?) -> String {
    switch value {
    case .folder: "_chartmill_paths -d"
    case .file: "_chartmill_paths -f"
    case .word(_, let words): "_chartmill_words \"\(words.joined(separator: " "))\""
    default: ":"
    }
  }

  // Zsh

  private static var zsh: String {
    var text = """
      #compdef chartmill
      # Completion of chartmill for zsh: put it, as _chartmill, in a folder of $fpath.
      _chartmill() {
        local -a commands
        commands=(

      """
    for command in Commands.all {
      text += "    \(quoted("\(command.name):\(command.summary)"))\n"
    }
    for word in Request.words { text += "    \(quoted("\(word.name):\(word.summary)"))\n" }
    text += """
        )
        if ((CURRENT == 2)); then
          _describe command commands
          return
        fi
        local command=$words[2]
        shift words
        ((CURRENT--))
        case $command in

      """
    for command in Commands.all {
      text += "    \(command.name))\n      _arguments"
      for flag in command.allFlags {
        let help = flag.help.replacing("[", with: "(").replacing("]", with: ")")
          .replacing(":", with: "\\:")
        // With an equals sign, zsh accepts the value after the sign or as the next word.
        let sign = flag.value == nil ? "" : "="
        var specification = "\(flag.isRepeatable ? "*" : "")\(flag.spelling)\(sign)[\(help)]"
        if let value = flag.value { specification += ":\(value.name):\(zsh(value))" }
        text += " \\\n        \(quoted(specification))"
      }
      let operands = zsh(command.operand)
      if !operands.isEmpty { text += " \\\n        \(quoted("*:operand:\(operands)"))" }
      text += "\n      ;;\n"
    }
    let names = Commands.names.joined(separator: " ")
    text += "    help)\n      _arguments '*:command:(\(names))'\n      ;;\n"
    return text + """
        esac
      }
      _chartmill "$@"

      """
  }

  private static func zsh(_ value: ArgumentKind?) -> String {
    switch value {
    case .folder: "_files -/"
    case .file: "_files"
    case .word(_, let words): "(\(words.joined(separator: " ")))"
    default: ""
    }
  }

  // Fish

  /// Only the first word is the command, because a later word may be a folder that has a command's
  /// name.
  private static var fish: String {
    var text = """
      # Completion of chartmill for fish: put it in ~/.config/fish/completions.
      function __chartmill_command
        set -l words (commandline -opc)
        test "$words[2]" = "$argv[1]"
      end
      complete -c chartmill -f

      """
    for command in Commands.all {
      text += "complete -c chartmill -n '__chartmill_command \"\"' -a \(command.name) "
      text += "-d \(quoted(command.summary))\n"
      let condition = "-n '__chartmill_command \(command.name)'"
      for flag in command.allFlags {
        text += "complete -c chartmill \(condition) -l \(flag.name) -d \(quoted(flag.help))"
        if let value = flag.value { text += " -r\(fish(value))" }
        text += "\n"
      }
      if let operand = command.operand {
        text += "complete -c chartmill \(condition)\(fish(operand))\n"
      }
    }
    for word in Request.words {
      text += "complete -c chartmill -n '__chartmill_command \"\"' -a \(word.name) "
      text += "-d \(quoted(word.summary))\n"
    }
    let names = Commands.names.joined(separator: " ")
    text += "complete -c chartmill -n '__chartmill_command help' -f -a \(quoted(names))\n"
    return text
  }

  private static func fish(_ value: ArgumentKind) -> String {
    switch value {
    case .folder: " -f -a '(__fish_complete_directories)'"
    case .file: " -F"
    case .word(_, let words): " -f -a \(quoted(words.joined(separator: " ")))"
    default: " -f"
    }
  }

  /// Text in single quotes, for a shell.
  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
