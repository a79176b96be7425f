import Foundation
import Testing

@testable import ChartmillJobs
@testable import ChartmillModel
@testable import ChartmillSystem

/// A damaged rollup never gives wrong charts. Its day is rolled up again; without a log, the run
/// fails.
@Suite struct DamagedRollupTests {
  /// A bench in which the tests damage the rollup of the middle day.
  private struct Victim {
    let bench: StateBench
    let expected: Published
    let day: Day
    let sound: Data

    init() throws {
      bench = try StateBench()
      expected = try bench.expected()
      try bench.rollUpAll()
      day = bench.days[1]
      sound = try Data(contentsOf: URL(fileURLWithPath: bench.rollup(of: day)))
    }

    /// The byte offset of the record.
    func recordStart() throws -> Int {
      let kept = try #require(
        try KeptRollup.open(
          bench.rollup(of: day), day: day, deflate: Deflate(), pool: FilePool()))
      return kept.kept.spill.end
    }

    /// Runs with `bytes` as the rollup, first with its log and then without. Returns whether the
    /// runs refuse the rollup.
    @discardableResult
    func expectSafe(_ bytes: Data, label: String) throws -> Bool {
      try put(bytes)
      let made = try bench.expectRun(gives: expected, label: label)
      let wasRefused = !made.published.run.notices.isEmpty
      if wasRefused {
        #expect(
          made.published.run.notices == [RollupNotice(day: day, kind: .damaged)], "\(label)")
        #expect(
          made.errors.contains("\(day): the kept rollup is damaged; it was rebuilt"), "\(label)")
        // The rollup that replaced it is good.
        #expect(
          try bench.expectRun(gives: expected, label: label).published.run.keptDays == bench.days,
          "\(label)")
      }

      try put(bytes)
      let checked = try ChartmillProcess.run("state", "--state", bench.state, "--check")
      #expect((checked.status != 0) == wasRefused, "\(label): \(checked.output)")
      #expect(checked.status < 128, "\(label)")

      let aside = bench.folder.path(of: "aside.gz")
      try FileManager.default.moveItem(atPath: bench.log(day), toPath: aside)
      if wasRefused {
        let failed = try bench.expectFailure(label: label)
        #expect(failed.errors.contains(KeptRollup.name(of: day)), "\(label): \(failed.errors)")
      } else {
        try bench.expectRun(gives: expected, label: label)
      }
      try FileManager.default.moveItem(atPath: aside, toPath: bench.log(day))
      return wasRefused
    }

    func put(_ bytes: Data) throws {
      try? FileManager.default.removeItem(atPath: bench.rollup(of: day))
      try bytes.write(to: URL(fileURLWithPath: bench.rollup(of: day)))
    }
  }

  @Test(arguments: 1...4)
  func flippedBitsAreFound(_ seed: UInt64) throws {
    let victim = try Victim()
    let recordStart = try victim.recordStart()
    let size = victim.sound.count
    let pointerStart = size - GzipMember.storedBytes(16)
    var numbers = SeededGenerator(seed: seed)
    var offsets: [Int] = []
    // Offsets in the segments, in the directory, and in the record and the pointer.
    for _ in 0..<10 { offsets.append(Int.random(in: 0..<recordStart, using: &numbers)) }
    for _ in 0..<3 { offsets.append(Int.random(in: 0..<11_000, using: &numbers)) }
    for _ in 0..<3 { offsets.append(Int.random(in: recordStart..<pointerStart, using: &numbers)) }
    for _ in 0..<3 { offsets.append(Int.random(in: pointerStart..<size, using: &numbers)) }
    var refused = 0
    for offset in offsets {
      let bit = UInt8.random(in: 0..<8, using: &numbers)
      var bytes = victim.sound
      bytes[offset] ^= 1 << bit
      if try victim.expectSafe(bytes, label: "seed \(seed), bit \(bit) of byte \(offset)") {
        refused += 1
      }
    }
    // A few bits have no meaning, such as the time in a gzip header.
    #expect(refused >= offsets.count - 4)
  }

  /// Flips a bit in each byte of the pointer, and of the headers of the record and the first
  /// segment.
  @Test func flippedBitsInPointersAndHeadersAreFound() throws {
    let victim = try Victim()
    let recordStart = try victim.recordStart()
    let size = victim.sound.count
    for offset in Array((size - 20)..<size) + Array(recordStart..<recordStart + 4) + [12, 16, 19] {
      var bytes = victim.sound
      bytes[offset] ^= 0x80
      #expect(try victim.expectSafe(bytes, label: "byte \(offset)"))
    }
  }

  @Test func truncatedAndExtendedRollupsAreFound() throws {
    let victim = try Victim()
    let recordStart = try victim.recordStart()
    let size = victim.sound.count
    var numbers = SeededGenerator(seed: 5)
    let lengths =
      [0, 1, 27, recordStart, recordStart + 30, size - 1]
      + (0..<8).map { _ in Int.random(in: 0..<size, using: &numbers) }
    for length in lengths {
      #expect(try victim.expectSafe(victim.sound.prefix(length), label: "cut to \(length)"))
      // The file has its length, but blocks that never reached the disk are zeros.
      var zeros = Data(victim.sound.prefix(length))
      zeros.append(Data(repeating: 0, count: size - length))
      // The last byte of a rollup is zero.
      if zeros != victim.sound {
        #expect(try victim.expectSafe(zeros, label: "zeros from \(length)"))
      }
    }
    #expect(try victim.expectSafe(victim.sound + [0], label: "a byte more"))
    #expect(try victim.expectSafe(victim.sound.dropFirst(1), label: "a byte less"))
    // If other bytes precede a complete rollup, the offset in its pointer is wrong.
    #expect(
      try victim.expectSafe(
        Data(repeating: 0x1f, count: 100) + victim.sound, label: "behind others"))
    #expect(
      try victim.expectSafe(victim.sound[1000...], label: "without its beginning"))
    #expect(
      try victim.expectSafe(
        victim.sound[..<recordStart] + victim.sound[1000...], label: "with a middle"))
  }

  @Test func otherFilesAreNoRollups() throws {
    let victim = try Victim()
    let bench = victim.bench
    let others = try [
      Data("precious\n".utf8), Data(contentsOf: URL(fileURLWithPath: bench.log(victim.day))),
      // A rollup of another day.
      Data(contentsOf: URL(fileURLWithPath: bench.rollup(of: bench.days[0]))),
      Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }),
    ]
    for (index, other) in others.enumerated() {
      #expect(try victim.expectSafe(other, label: "foreign file \(index)"))
    }
  }

  @Test func allRollupsMayBeDamagedAtOnce() throws {
    let victim = try Victim()
    for day in victim.bench.days {
      let path = URL(fileURLWithPath: victim.bench.rollup(of: day))
      var bytes = try Data(contentsOf: path)
      bytes[bytes.count / 3] ^= 0x10
      try bytes.write(to: path)
    }
    let made = try victim.bench.expectRun(gives: victim.expected)
    #expect(made.published.notices(.damaged).sorted() == victim.bench.days)
    #expect(try victim.bench.expectRun(gives: victim.expected).published.run.notices == [])
  }

  @Test func aSymbolicLinkIsNotFollowed() throws {
    let victim = try Victim()
    let bench = victim.bench
    // Links to a good rollup, to another file, and to nothing.
    let sound = bench.folder.path(of: "sound")
    try victim.sound.write(to: URL(fileURLWithPath: sound))
    let precious = bench.folder.path(of: "precious")
    try bench.folder.write("precious", to: "precious")
    for target in [sound, precious, bench.folder.path(of: "nothing")] {
      func plant() throws {
        try? FileManager.default.removeItem(atPath: bench.rollup(of: victim.day))
        try FileManager.default.createSymbolicLink(
          atPath: bench.rollup(of: victim.day), withDestinationPath: target)
      }
      try plant()
      let made = try bench.expectRun(gives: victim.expected, label: target)
      #expect(made.published.notices(.damaged) == [victim.day])
      // A new file replaced the link.
      let type = try FileManager.default.attributesOfItem(atPath: bench.rollup(of: victim.day))[
        .type]
      #expect(type as? FileAttributeType == .typeRegular)

      try plant()
      let aside = bench.folder.path(of: "aside.gz")
      try FileManager.default.moveItem(atPath: bench.log(victim.day), toPath: aside)
      try bench.expectFailure(label: target)
      try FileManager.default.moveItem(atPath: aside, toPath: bench.log(victim.day))
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: sound)) == victim.sound)
    #expect(try bench.folder.read("precious") == "precious")
    #expect(try !names(in: bench.folder.path).contains("nothing"))
  }

  @Test func aFifoOrAFolderIsNoRollup() throws {
    let victim = try Victim()
    let bench = victim.bench
    try FileManager.default.removeItem(atPath: bench.rollup(of: victim.day))
    try #require(mkfifo(bench.rollup(of: victim.day), 0o600) == 0)
    #expect(
      try bench.expectRun(gives: victim.expected).published.notices(.damaged) == [victim.day])

    try FileManager.default.removeItem(atPath: bench.rollup(of: victim.day))
    try FileManager.default.createDirectory(
      atPath: bench.rollup(of: victim.day), withIntermediateDirectories: false)
    // A rename cannot replace it. That is an error, and nothing is lost.
    let out = bench.newOut()
    let made = try bench.run(out: out)
    #expect([73, 74].contains(made.status), "\(made.errors)")
    #expect(made.errors.contains(KeptRollup.name(of: victim.day)))
    #expect(try names(in: out) == [])
  }
}
