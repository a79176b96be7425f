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

  @Test func theManualHasEveryCommandAndFlag() throws {
    let manual = try ChartmillProcess.run("manual")
    #expect(manual.status == 0)
    let sections = manual.output.components(separatedBy: "\n.SS ").dropFirst()
    for (command, flags) in try flagsOfHelp() {
      let section = try #require(sections.first { $0.hasPrefix("\(command)\n") })
      for flag in flags {
        let name = flag.replacingOccurrences(of: "-", with: "\\-")
        #expect(section.contains("\n\\fB\(name)\\fR"), "\(command) \(flag)")
      }
    }
    for code in [0, 64, 65, 66, 73, 74, 75, 130, 143] {
      #expect(manual.output.contains("\n.B \(code)\n"))
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
      #expect(try complete("chartmill", command, "--").sorted() == flags.sorted(), "\(command)")
    }
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

  @Test(.enabled(if: hasProgram("zsh")))
  func zshAcceptsItsScript() throws {
    let folder = try TemporaryFolder()
    let script = try script("zsh", in: folder)
    #expect(try shell("zsh -n \(script) 2>&1") == "")
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
