import Foundation
import Testing

@testable import ChartmillCLI

/// The manual page and the completions list what help lists, and their readers accept them.
@Suite struct GeneratedTextTests {
  /// The flags of each command, as help shows them.
  private func flagsOfHelp() throws -> [String: [String]] {
    let overview = try ChartmillProcess.run("--help").output
    let lists = overview.components(separatedBy: "\n\n").filter { list in
      CommandGroup.allCases.contains { list.hasPrefix("\($0.rawValue):\n") }
    }
    #expect(lists.count == CommandGroup.allCases.count)
    let lines = lists.flatMap { $0.split(separator: "\n").dropFirst() }
    let names = Set(lines.map { String($0.split(separator: " ")[0]) })
    #expect(names == Set(Commands.names))
    var flags: [String: [String]] = [:]
    for command in names {
      flags[command] = try ChartmillProcess.run(command, "--help").output.split(separator: "\n")
        .filter { $0.hasPrefix("  --") }.map { String($0.split(separator: " ")[0]) }
    }
    return flags
  }

  /// The text between a heading and the next one.
  private func section(_ heading: String, of manual: String) throws -> String {
    let start = try #require(manual.range(of: "\n.SH \(heading)\n")).upperBound
    let end = manual.range(of: "\n.SH ", range: start..<manual.endIndex)?.lowerBound
    return manual[start..<(end ?? manual.endIndex)] + "\n"
  }

  /// The section of a command names each of its flags, and explains those that are not explained as
  /// common flags.
  @Test func theManualHasEveryCommandAndFlag() throws {
    let manual = try ChartmillProcess.run("manual")
    #expect(manual.status == 0)
    let common = try section("COMMON FLAGS", of: manual.output)
    let sections = try section("COMMANDS", of: manual.output).components(separatedBy: ".SS ")
    for (name, flags) in try flagsOfHelp() {
      let section = try #require(sections.first { $0.hasPrefix("\(name)\n") })
      let command = try #require(Commands.named(name))
      for usage in command.usage { #expect(section.contains(" \(Manual.roff(usage))\n")) }
      for spelling in flags {
        let flag = try #require(command.allFlags.first { $0.spelling == spelling })
        let heading = "\\fB\(Manual.roff(spelling))\\fR"
        let value = flag.value.map { " \\fI\($0.name)\\fR" } ?? ""
        let entry = ".TP\n\(heading)\(value)\n\(Manual.roff(flag.help))\n"
        #expect(section.contains(heading), "\(name) \(spelling)")
        #expect(section.contains(entry) != common.contains(entry), "\(name) \(spelling)")
      }
    }
    // Each common flag is explained once.
    let names = common.components(separatedBy: "\n").filter { $0.hasPrefix("\\fB") }
    #expect(names.count == Manual.sharedFlags.count && Set(names).count == names.count)
    let statuses = try section("EXIT STATUS", of: manual.output)
    for code in [0, 64, 65, 66, 73, 74, 75, 130, 143] {
      #expect(statuses.contains(".B \(code)\n"))
    }
  }

  @Test func theManualHasTheUsualSections() throws {
    let manual = try ChartmillProcess.run("manual").output
    let headings = manual.components(separatedBy: "\n").filter { $0.hasPrefix(".SH ") }
    #expect(
      headings.map { $0.dropFirst(4) } == [
        "NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "COMMON FLAGS", "FILES", "FILE FORMATS",
        "EXIT STATUS", "ENVIRONMENT", "EXAMPLES", "BUGS", "SEE ALSO",
      ])
    let examples = try section("EXAMPLES", of: manual)
    for example in Commands.all.flatMap({ $0.examples }) {
      #expect(examples.contains("\nchartmill \(Manual.roff(example))\n"))
    }
  }

  /// The names, lines and keys that the manual shows are those of the files that a run writes.
  @Test(arguments: ["text", "csv", "jsonl"])
  func theManualShowsWhatARunWrites(_ format: String) throws {
    let manual = try ChartmillProcess.run("manual").output
    let logs = try LogBook("7|42|FR\n7|42|FR\n9|42|FR\n7|42|FR\n")
    let (out, state) = (try TemporaryFolder(), try TemporaryFolder())
    let run = try logs.run(
      ["--format", format, "--per-country", "--state", state.path], out: out)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try ChartmillProcess.run("report", "--charts", out.path).status == 0)
    let ending = format == "text" ? "txt" : format
    let files = try section("FILES", of: manual)
    for name in try out.names() + state.names() {
      let shown = name.replacingOccurrences(of: "top50", with: "topN")
        .replacingOccurrences(of: LogBook.lastDay, with: "YYYYMMDD")
        .replacingOccurrences(of: ".\(ending)", with: ".txt")
      #expect(files.contains(".B \(Manual.roff(shown))\n"), "\(name)")
    }
    let lines = try ["user_top50", "country_top50", "user_country"].map {
      try out.read("\($0)_\(LogBook.lastDay).\(ending)")
    }
    let formats = try section("FILE FORMATS", of: manual)
    #expect(formats.contains("\\-\\-format \(format)\n.nf\n\(lines.joined()).fi\n"))
    let json = try JSONSerialization.jsonObject(
      with: Data(out.readBytes("manifest_\(LogBook.lastDay).json")))
    for key in try #require(json as? [String: Any]).keys {
      #expect(formats.contains(".B \(key)\n"), "\(key)")
    }
  }

  @Test(.enabled(if: hasProgram("groff")))
  func groffAcceptsTheManual() throws {
    let folder = try TemporaryFolder()
    try folder.write(try ChartmillProcess.run("manual").output, to: "chartmill.1")
    let read = try shell("groff -man -Tascii -ww -z \(folder.path(of: "chartmill.1")) 2>&1")
    #expect(read == "")
  }

  private func script(_ shell: String, in folder: TemporaryFolder) throws -> String {
    let made = try ChartmillProcess.run("completions", shell)
    #expect(made.status == 0, "\(made.errors)")
    try folder.write(made.output, to: shell)
    return folder.path(of: shell)
  }

  @Test func bashCompletesCommandsAndFlags() throws {
    let folder = try TemporaryFolder()
    let script = try script("bash", in: folder)
    func complete(_ words: String...) throws -> [String] {
      let quoted = words.map { "'\($0)'" }.joined(separator: " ")
      let reply = try shell(
        """
        source \(script); COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count - 1)
        _chartmill; printf '%s\\n' "${COMPREPLY[@]}"
        """)
      return reply.split(separator: "\n").map(String.init)
    }
    for (command, flags) in try flagsOfHelp() {
      #expect(try complete("chartmill", command) == [command])
      #expect(try complete("chartmill", "help", command) == [command])
      #expect(try complete("chartmill", command, "--").sorted() == flags.sorted(), "\(command)")
    }
    #expect(try complete("chartmill", "he") == ["help"])
    #expect(try complete("chartmill", "vers") == ["version"])
    #expect(try complete("chartmill", "run", "--format", "") == ["text", "csv", "jsonl"])
    #expect(try complete("chartmill", "run", "--memory", "") == [])
    #expect(try complete("chartmill", "completions", "f") == ["fish"])
    #expect(try complete("chartmill", "compare", "--color", "a") == ["auto", "always"])
    try folder.write("", to: "listen-20260705.log")
    for command in ["run", "plan", "rollup", "check"] {
      #expect(
        try complete("chartmill", command, folder.path(of: "lis"))
          == [folder.path(of: "listen-20260705.log")], "\(command)")
    }
    for command in ["compare", "report", "verify"] {
      #expect(try complete("chartmill", command, folder.path(of: "lis")) == [], "\(command)")
    }
    #expect(try complete("chartmill", "run", "--logs", folder.path(of: "lis")) == [])
  }

  /// Completions at a bash prompt, when a person types a line and presses the tab key.
  @Test func bashCompletesAtThePrompt() throws {
    let folder = try TemporaryFolder()
    let script = try script("bash", in: folder)
    // Folders and files that begin like commands, words and flags.
    for name in ["state", "charts", "run it", "csv", "--format"] {
      try FileManager.default.createDirectory(
        atPath: folder.path(of: name), withIntermediateDirectories: true)
    }
    for name in ["listen-20260705.log", "report.html", "bash.log"] {
      try folder.write("", to: name)
    }
    func completed(_ line: String, before: String = ":") throws -> String {
      try folder.write(
        """
        source \(script); cd \(folder.path); \(before)
        chartmill() { printf '[%s]' "$@"; echo; }
        chartmill \(line)\t

        """, to: "typed")
      let typed = folder.path(of: "typed")
      let printed = try shell("bash --norc --noprofile -i < \(typed) 2> /dev/null")
      return printed.split(separator: "\n").last { $0.hasPrefix("[") }.map(String.init) ?? ""
    }
    for command in Commands.names where command != "chart" {
      #expect(try completed(command) == "[\(command)]")
    }
    #expect(try completed("sta") == "[state]")
    #expect(try completed("lis") == "[lis]")
    #expect(try completed("run --format c") == "[run][--format][csv]")
    #expect(try completed("run --format=c") == "[run][--format=csv]")
    #expect(try completed("run --logs=sta") == "[run][--logs=state/]")
    #expect(try completed("run --logs sta") == "[run][--logs][state/]")
    #expect(try completed("run --logs run") == "[run][--logs][run it/]")
    #expect(try completed("run --out lis") == "[run][--out][lis]")
    #expect(try completed("run --rejects=lis") == "[run][--rejects=listen-20260705.log]")
    #expect(try completed("run lis") == "[run][listen-20260705.log]")
    #expect(try completed("run --metr") == "[run][--metrics]")
    #expect(try completed("run --quiet=sta") == "[run][--quiet=sta]")
    #expect(try completed("run --memory=sta") == "[run][--memory=sta]")
    #expect(try completed("run --logs a:sta") == "[run][--logs][a:sta]")
    #expect(try completed("completions ba") == "[completions][bash]")
    #expect(try completed("report repo") == "[report][repo]")
    #expect(try completed("verify --charts cha") == "[verify][--charts][charts/]")
    #expect(try completed("verify cha") == "[verify][cha]")
    #expect(try completed("--version sta") == "[--version][sta]")
    let plain = "COMP_WORDBREAKS=${COMP_WORDBREAKS//=}"
    #expect(try completed("run --format=c", before: plain) == "[run][--format=csv]")
    #expect(try completed("run --logs=sta", before: plain) == "[run][--logs=state]")
  }

  @Test(.enabled(if: hasProgram("zsh")))
  func zshAcceptsItsScript() throws {
    let folder = try TemporaryFolder()
    let script = try script("zsh", in: folder)
    #expect(try shell("zsh -n \(script) 2>&1") == "")
    // The value of a flag follows an equals sign, or is the next word.
    let text = try folder.read("zsh")
    #expect(text.contains("'--format=[") && text.contains("]:NAME:(text csv jsonl)'"))
  }

  @Test(.enabled(if: hasProgram("fish")))
  func fishCompletesCommandsAndFlags() throws {
    let folder = try TemporaryFolder()
    let script = try script("fish", in: folder)
    for (command, flags) in try flagsOfHelp() {
      let reply = try shell("fish -c \"source \(script); complete -C 'chartmill \(command) --'\"")
      let found = reply.split(separator: "\n").map { String($0.split(separator: "\t")[0]) }
      #expect(Set(found) == Set(flags), "\(command)")
    }
    func complete(_ line: String) throws -> [Substring] {
      let reply = try shell("fish -c \"source \(script); complete -C 'chartmill \(line)'\"")
      return reply.split(separator: "\n").map { $0.split(separator: "\t")[0] }
    }
    #expect(try complete("sta") == ["state"])
    #expect(try complete("vers") == ["version"])
    #expect(try complete("help sta") == ["state"])
    #expect(try complete("run --format=c") == ["--format=csv"])
    #expect(try complete("run --format c") == ["csv"])
    #expect(try complete("run --memory=") == [])
    // The folder of --out is not a command.
    #expect(try complete("run --out chart --rec") == [])
  }

  @Test func anUnknownShellIsAUsageError() throws {
    let made = try ChartmillProcess.run("completions", "ksh")
    #expect(made.status == 64)
    #expect(made.errors.contains("bash, zsh, fish"))
  }

  private func shell(_ text: String) throws -> String {
    let result = try Tool.run("bash", "-c", text)
    return String(decoding: result.output, as: UTF8.self)
  }
}

private func hasProgram(_ name: String) -> Bool {
  (try? Tool.run("which", name).status) == 0
}
