/// Completion scripts, made from the tables of commands and flags.
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

  /// What a flag's value or an operand is completed to.
  private enum Value {
    case folder
    case file
    case words([String])
    case none
  }

  private static func value(of flag: Flag, _ use: FlagUse) -> Value {
    if !flag.choices.isEmpty { return .words(flag.choices) }
    return switch use.placeholder {
    case "DIR": .folder
    case "FILE": .file
    default: .none
    }
  }

  private static func operands(of command: Command) -> Value {
    switch command.operand {
    case .file: .file
    case .folder: .folder
    case .shell: .words(Shell.allCases.map(\.rawValue))
    case .date, nil: .none
    }
  }

  // Bash

  private static var bash: String {
    let commands = Command.allCases.map(\.rawValue).joined(separator: " ")
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
    for command in Command.allCases {
      for (flag, use) in Flag.uses(in: command) where use.placeholder != nil {
        text += "    \(command.rawValue):\(flag.spelling)) \(bash(value(of: flag, use))) ;;\n"
      }
    }
    text += "    *)\n      case ${COMP_WORDS[1]}:$word in\n"
    for command in Command.allCases {
      let spellings = Flag.uses(in: command).map(\.flag.spelling).joined(separator: " ")
      text += "        \(command.rawValue):-*) "
      text += "COMPREPLY=($(compgen -W \"\(spellings)\" -- \"$word\")) ;;\n"
      let operands = bash(operands(of: command))
      if operands != "COMPREPLY=()" {
        text += "        \(command.rawValue):*) \(operands) ;;\n"
      }
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

  private static func bash(_ value: Value) -> String {
    switch value {
    case .folder: "mapfile -t COMPREPLY < <(compgen -d -- \"$word\")"
    case .file: "mapfile -t COMPREPLY < <(compgen -f -- \"$word\")"
    case .words(let words):
      "COMPREPLY=($(compgen -W \"\(words.joined(separator: " "))\" -- \"$word\"))"
    case .none: "COMPREPLY=()"
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
    for command in Command.allCases {
      text += "    \(quoted("\(command.rawValue):\(command.summary)"))\n"
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
    for command in Command.allCases {
      text += "    \(command.rawValue))\n      _arguments"
      for (flag, use) in Flag.uses(in: command) {
        let help = use.help.replacing("[", with: "(").replacing("]", with: ")")
          .replacing(":", with: "\\:")
        var specification = "\(use.isRepeatable ? "*" : "")\(flag.spelling)[\(help)]"
        if let placeholder = use.placeholder {
          specification += ":\(placeholder):\(zsh(value(of: flag, use)))"
        }
        text += " \\\n        \(quoted(specification))"
      }
      let operands = zsh(operands(of: command))
      if !operands.isEmpty { text += " \\\n        \(quoted("*:operand:\(operands)"))" }
      text += "\n      ;;\n"
    }
    return text + """
        esac
      }
      _chartmill "$@"

      """
  }

  private static func zsh(_ value: Value) -> String {
    switch value {
    case .folder: "_files -/"
    case .file: "_files"
    case .words(let words): "(\(words.joined(separator: " ")))"
    case .none: ""
    }
  }

  // Fish

  private static var fish: String {
    var text = "# Completion of chartmill for fish: put it in ~/.config/fish/completions.\n"
    text += "complete -c chartmill -f\n"
    for command in Command.allCases {
      text += "complete -c chartmill -n __fish_use_subcommand -a \(command.rawValue) "
      text += "-d \(quoted(command.summary))\n"
      let condition = "-n \(quoted("__fish_seen_subcommand_from \(command.rawValue)"))"
      for (flag, use) in Flag.uses(in: command) {
        text += "complete -c chartmill \(condition) -l \(flag.rawValue) -d \(quoted(use.help))"
        if use.placeholder != nil { text += " -r\(fish(value(of: flag, use)))" }
        text += "\n"
      }
      let operands = fish(operands(of: command))
      if !operands.isEmpty { text += "complete -c chartmill \(condition)\(operands)\n" }
    }
    return text
  }

  private static func fish(_ value: Value) -> String {
    switch value {
    case .folder: " -a '(__fish_complete_directories)'"
    case .file: " -F"
    case .words(let words): " -a \(quoted(words.joined(separator: " ")))"
    case .none: ""
    }
  }

  /// For a shell, in single quotes.
  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
