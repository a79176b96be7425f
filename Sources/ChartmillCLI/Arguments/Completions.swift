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

  // Bash

  private static var bash: String {
    let commands = Commands.names.joined(separator: " ")
    var text = """
      # Completion of chartmill for bash: source it, or put it in bash-completion's folder.
      _chartmill() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
        if ((COMP_CWORD == 1)); then
          COMPREPLY=($(compgen -W "\(commands) --help --version" -- "$word"))
          return
        fi
        case ${COMP_WORDS[1]}:$before in

      """
    for command in Commands.all {
      for flag in command.allFlags where flag.value != nil {
        text += "    \(command.name):\(flag.spelling)) \(bash(flag.value)) ;;\n"
      }
    }
    text += "    *)\n      case ${COMP_WORDS[1]}:$word in\n"
    for command in Commands.all {
      let flags = ArgumentKind.word("FLAG", of: command.allFlags.map(\.spelling))
      text += "        \(command.name):-*) \(bash(flags)) ;;\n"
      text += "        \(command.name):*) \(bash(command.operand)) ;;\n"
    }
    return text + """
            *) COMPREPLY=() ;;
          esac
          ;;
        esac
      }
      complete -o filenames -F _chartmill chartmill

      """
  }

  private static func bash(_ value: ArgumentKind?) -> String {
    switch value {
    case .folder: "mapfile -t COMPREPLY < <(compgen -d -- \"$word\")"
    case .file: "mapfile -t COMPREPLY < <(compgen -f -- \"$word\")"
    case .word(_, let words):
      "COMPREPLY=($(compgen -W \"\(words.joined(separator: " "))\" -- \"$word\"))"
    default: "COMPREPLY=()"
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
        var specification = "\(flag.isRepeatable ? "*" : "")\(flag.spelling)[\(help)]"
        if let value = flag.value { specification += ":\(value.name):\(zsh(value))" }
        text += " \\\n        \(quoted(specification))"
      }
      let operands = zsh(command.operand)
      if !operands.isEmpty { text += " \\\n        \(quoted("*:operand:\(operands)"))" }
      text += "\n      ;;\n"
    }
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

  private static var fish: String {
    var text = "# Completion of chartmill for fish: put it in ~/.config/fish/completions.\n"
    text += "complete -c chartmill -f\n"
    for command in Commands.all {
      text += "complete -c chartmill -n __fish_use_subcommand -a \(command.name) "
      text += "-d \(quoted(command.summary))\n"
      let condition = "-n \(quoted("__fish_seen_subcommand_from \(command.name)"))"
      for flag in command.allFlags {
        text += "complete -c chartmill \(condition) -l \(flag.name) -d \(quoted(flag.help))"
        if let value = flag.value { text += " -r\(fish(value))" }
        text += "\n"
      }
      let operands = fish(command.operand)
      if !operands.isEmpty { text += "complete -c chartmill \(condition)\(operands)\n" }
    }
    return text
  }

  private static func fish(_ value: ArgumentKind?) -> String {
    switch value {
    case .folder: " -a '(__fish_complete_directories)'"
    case .file: " -F"
    case .word(_, let words): " -a \(quoted(words.joined(separator: " ")))"
    default: ""
    }
  }

  /// Text in single quotes, for a shell.
  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
