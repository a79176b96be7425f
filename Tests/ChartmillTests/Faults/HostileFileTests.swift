import Foundation
import Testing

@testable import ChartmillCore

/// Unusual files in place of logs and outputs.
@Suite struct HostileFileTests {
  private func run(_ folder: TemporaryFolder, _ flags: String...) throws -> ChildProcess.Outcome {
    try ChildProcess(
      FaultBench.binary,
      ["run", "--logs", folder.path, "--out", folder.path(of: "out"), "--threads", "1", "--quiet"]
        + flags
    ).wait(seconds: 20)
  }

  private static let log = "listen-20260705.log"

  @Test func whatIsNoRegularFileIsNotReadAsALog() throws {
    let make: [(String, (String) throws -> Void)] = [
      (
        "folder",
        { try FileManager.default.createDirectory(atPath: $0, withIntermediateDirectories: false) }
      ),
      ("fifo", { mkfifo($0, 0o600) }),
      ("dangling link", { symlink("/nowhere/at/all", $0) }),
      ("link to itself", { symlink($0, $0) }),
      ("device", { symlink("/dev/zero", $0) }),
    ]
    for (what, make) in make {
      for isNamed in [false, true] {
        let folder = try TemporaryFolder()
        try folder.write("1|2|FR\n", to: "listen-20260704.log")
        try make(folder.path(of: Self.log))
        let outcome =
          isNamed
          ? try ChildProcess(
            FaultBench.binary,
            ["run", folder.path(of: Self.log), "--out", folder.path(of: "out")]
          ).wait(seconds: 20) : try run(folder)
        #expect(!outcome.timedOut, "\(what) hangs")
        #expect(
          what == "link to itself"
            ? [66, 74].contains(outcome.status) : outcome.status == 66,
          "\(what): \(outcome.status) \(outcome.errors)")
        #expect(outcome.errors.contains(folder.path(of: Self.log)), "\(what): \(outcome.errors)")
        let out = folder.path(of: "out")
        if FileManager.default.fileExists(atPath: out) {
          #expect(try FileManager.default.contentsOfDirectory(atPath: out) == [])
        }
      }
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func anUnreadableLogIsMissingInput() throws {
    let folder = try TemporaryFolder()
    try folder.write("1|2|FR\n", to: Self.log)
    chmod(folder.path(of: Self.log), 0)
    let outcome = try run(folder)
    #expect(outcome.status == 66)
    #expect(outcome.errors.contains(folder.path(of: Self.log)))
  }

  /// Names of logs may contain any bytes. Control characters are escaped, and nothing hangs or
  /// crashes.
  @Test func oddNamesAreEscaped() throws {
    let names: [[UInt8]] = [
      Array("listen-20260705-a\nb.log".utf8), Array("listen-20260705-\u{1b}[2J.log".utf8),
      Array("listen-20260705-".utf8) + [0xff, 0xfe] + Array(".log".utf8),
      Array("listen-2026\u{0660}705.log".utf8), Array("listen-20260705\u{202e}.log".utf8),
      Array(".log".utf8), Array("listen-20260705-ü.log".utf8),
      Array("-n".utf8), Array(" ".utf8), Array(repeating: UInt8(ascii: "x"), count: 255),
    ]
    for name in names {
      let folder = try TemporaryFolder()
      let path = Array(folder.path.utf8) + [47] + name
      let file = open(path.map(CChar.init(bitPattern:)) + [0], O_WRONLY | O_CREAT, 0o600)
      try #require(file >= 0)
      _ = write(file, "1|2|FR\n", 7)
      close(file)
      let listed = try run(folder)
      #expect([0, 66].contains(listed.status), "\(listed.errors)")
      let named = try ChildProcess(
        FaultBench.binary,
        bytes: [Array("run".utf8), path, Array("--out".utf8), Array(folder.path(of: "named").utf8)]
      ).wait(seconds: 20)
      #expect([0, 64, 65, 66].contains(named.status), "\(named.status) \(named.errors)")
      for text in [listed.errors, named.errors, listed.output, named.output] {
        #expect(!text.contains("\u{1b}") && !text.contains("\u{202e}"))
        #expect(text.split(separator: "\n").count <= 20)
      }
      let out = try ChildProcess(
        FaultBench.binary,
        bytes: [
          Array("run".utf8), Array("--logs".utf8), Array(folder.path.utf8), Array("--out".utf8),
          path + [0xff, 10],
        ]
      ).wait(seconds: 20)
      #expect([0, 64, 66, 73].contains(out.status), "\(out.status) \(out.errors)")
    }
  }

  /// A link with the name of an output is never followed, and the run reports it.
  @Test func linksWithTheNamesOfOutputsAreNotFollowed() throws {
    let names = [
      "country_top50_20260705.txt", "user_top50_20260705.txt", "user_country_20260705.txt",
      "manifest_20260705.json", ".chartmill-lock",
      ".chartmill-user_top50_20260705.txt-1-0123456789abcdef",
    ]
    for name in names {
      for isSymbolic in [true, false] {
        let folder = try TemporaryFolder()
        try folder.write("1|2|FR\n", to: Self.log)
        try folder.write("precious\n", to: "victim")
        let out = folder.path(of: "out")
        try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: false)
        let victim = folder.path(of: "victim")
        let linked = isSymbolic ? symlink(victim, "\(out)/\(name)") : link(victim, "\(out)/\(name)")
        try #require(linked == 0)
        let outcome = try run(folder)
        #expect([0, 73, 74].contains(outcome.status), "\(name): \(outcome.errors)")
        #expect(try folder.read("victim") == "precious\n", "\(name) was followed")
        if outcome.status == 0, !name.hasPrefix(".") {
          // The output replaced a hard link. The other name of the file keeps its content.
          let verify = try ChildProcess(FaultBench.binary, ["verify", "--charts", out]).wait()
          #expect(verify.status == 0)
        }
      }
    }
  }

  @Test func theOutputFolderMayBeALink() throws {
    let folder = try TemporaryFolder()
    try folder.write("1|2|FR\n", to: Self.log)
    symlink(folder.path(of: "nowhere"), folder.path(of: "out"))
    let outcome = try run(folder)
    #expect(outcome.status == 73, "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path(of: "nowhere")))
  }

  /// With any codec, a member whose header has reserved flags is not gzip, even if it is not the
  /// first.
  @Test(arguments: [5, 6, 7], [false, true])
  func reservedHeaderFlagsAreRefused(_ bit: Int, _ isLater: Bool) throws {
    let folder = try TemporaryFolder()
    try folder.write("1|2|FR\n", to: Self.log)
    try #require(ChildProcess("/bin/gzip", ["-n", folder.path(of: Self.log)]).wait().status == 0)
    let path = URL(fileURLWithPath: folder.path(of: Self.log + ".gz"))
    let whole = try Data(contentsOf: path)
    var spoiled = whole
    spoiled[3] |= 1 << UInt8(bit)
    try (isLater ? whole + spoiled : spoiled).write(to: path)
    let outcome = try run(folder)
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains("invalid gzip header"), "\(outcome.errors)")
  }

  @Test func logsWithoutRowsAndLogsOfZeroIDs() throws {
    let texts = [
      ("", 0), ("\n", 0), ("x\n", 0), (String(repeating: "x\n", count: 5000), 0),
      (String(repeating: "\n", count: 400_000), 0), ("0|0|FR\n", 1), ("0|0|FR\n0|1|FR\n", 2),
      (String(repeating: "0|0|AD\n", count: 5000), 5000),
      (String(repeating: "x\n", count: 200_000) + "1|2|FR\n", 1),
    ]
    for (text, accepted) in texts {
      let folder = try TemporaryFolder()
      try folder.write(text, to: Self.log)
      let outcome = try run(folder, "--max-bad-rows", "100%")
      if accepted == 0 {
        #expect(outcome.status == 65, "\(text.prefix(20)): \(outcome.errors)")
        #expect(outcome.errors.contains("no accepted rows for "), "\(outcome.errors)")
        continue
      }
      #expect(outcome.status == 0, "\(text.prefix(20)): \(outcome.errors)")
      let verify = try ChildProcess(
        FaultBench.binary, ["verify", "--charts", folder.path(of: "out")]
      ).wait()
      #expect(verify.status == 0, "\(verify.errors)")
      let manifest = try FaultBench.Outputs(folder: folder.path(of: "out")).manifest
      #expect(manifest?.totals.accepted == accepted)
    }
  }

  /// Flips each bit of a small gzip log, and truncates it to each length. The result is an error
  /// that names the file. If the bit has no meaning, as in the time stamp or the system, the charts
  /// are the same.
  @Test func everyDamageToAGzipLogIsFound() throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(seed: 11)
    let rows = (0..<60).map { _ in
      "\(Int.random(in: 1...20, using: &random))|\(Int.random(in: 1...9, using: &random))|FR\n"
    }
    try folder.write(rows.joined(), to: Self.log)
    try #require(ChildProcess("/bin/gzip", ["-n", folder.path(of: Self.log)]).wait().status == 0)
    let path = folder.path(of: Self.log + ".gz")
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    try #require(try run(folder).status == 0)
    let expected = try FaultBench.Outputs(folder: folder.path(of: "out"))

    func expectErrorOrSame(_ data: Data, _ what: String, mayBeSame: Bool) throws {
      try data.write(to: URL(fileURLWithPath: path))
      let outcome = try run(folder)
      if outcome.status == 0, mayBeSame {
        let files = try FaultBench.Outputs(folder: folder.path(of: "out")).files
        #expect(files == expected.files, "\(what)")
      } else {
        #expect(outcome.status == 65, "\(what): exit \(outcome.status) \(outcome.errors)")
        #expect(outcome.errors.contains(path), "\(what): \(outcome.errors)")
      }
    }
    let bits = (0..<whole.count * 8).shuffled(using: &random)
    for bit in bits.prefix(runsSlowTests ? .max : 300) {
      var data = whole
      data[bit / 8] ^= 1 << UInt8(bit % 8)
      // The time stamp in the header, and the padding after the last code of the data.
      let mayBeSame = bit / 8 < 10 || bit / 8 == whole.count - 9
      try expectErrorOrSame(data, "bit \(bit)", mayBeSame: mayBeSame)
    }
    for length in 1..<whole.count where runsSlowTests || length % 5 == 0 || length > whole.count - 9
    {
      try expectErrorOrSame(whole.prefix(length), "cut to \(length)", mayBeSame: false)
    }
  }
}
