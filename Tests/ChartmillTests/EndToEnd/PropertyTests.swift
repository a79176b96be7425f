import Testing

@testable import ChartmillModel
@testable import ChartmillSynth

extension EndToEnd {
  /// Random logs, flags and mixtures of kept rollups give the same charts as the reference.
  @Suite struct Properties {
    @Test func randomLogsAndFlags() throws {
      for seed in 1...UInt64(runsSlowTests ? 4000 : 150) {
        var randomCase = RandomCase(seed: seed)
        try randomCase.check()
      }
    }
  }
}

/// A test case that depends only on its seed.
private struct RandomCase {
  private let seed: UInt64
  private var random: RandomStream

  init(seed: UInt64) {
    self.seed = seed
    random = RandomStream(seed: seed)
  }

  mutating func check() throws {
    let book = try LogBook()
    let last = try #require(Day(yyyymmdd: LogBook.lastDay))
    let days = pick([1, 2, 4, 7])
    for back in 0..<8 where back == 0 || chance(2, of: 3) {
      let parts = chance(1, of: 5) ? ["-a", "-b"] : [""]
      for part in parts {
        try book.add(text(), day: "\(last.advanced(by: -back))", part: part, gzip: chance(1, of: 2))
      }
    }
    let top = pick([1, 2, 5, 50, 1000])
    let partitions = pick([1, 2, 16, 64, 1024])
    let repair = chance(1, of: 2)
    let flags =
      ["--days", "\(days)", "--top", "\(top)", "--partitions", "\(partitions)"]
      + ["--max-bad-rows", "100%"] + (repair ? ["--repair"] : [])
    let first = flags + machine()
    let allowed = ["--allow-missing-last-day"]
    let reference = book.reference(
      repair: repair, days: "\(last.advanced(by: 1 - days))"..."\(last)")
    if reference.accepted == 0 {
      return try book.run(first).expectFailure(65, "no accepted rows for ")
    }
    // The last day must have a row, unless the flag allows that it has none.
    if book.reference(repair: repair, days: "\(last)"..."\(last)").accepted == 0 {
      try book.run(first).expectFailure(65, "no accepted rows for \(last), the last day")
    }
    let charts = try book.run(first + allowed).charts(top: top)
    charts.expect(reference, top: top, partitions: partitions, label: "seed \(seed)")
    let totals = charts.manifest.totals
    #expect(
      totals.accepted + totals.rejected == reference.lines
        + (reference.repaired["glued rows"] ?? 0),
      "seed \(seed)")

    let state = try TemporaryFolder()
    for _ in 0..<(random.next() % 3) {
      // Some rollups are made with different rules. A run must not use them.
      let rolledUp = try ChartmillProcess.run(
        ["rollup", "--logs", book.path, "--state", state.path, "--quiet"]
          + ["--date", "\(last.advanced(by: -Int(random.next() % 2)))"]
          + [
            "--days", "\(pick([1, 2, 3]))", "--partitions", "\(chance(1, of: 4) ? 8 : partitions)",
          ]
          + (chance(1, of: 2) ? ["--repair"] : []) + machine())
      // The days may have no log or no row.
      #expect([0, 65, 66].contains(rolledUp.status), "\(rolledUp.errors)")
    }
    let kept = try book.run(flags + allowed + ["--state", state.path] + machine()).charts(top: top)
    #expect(Charts.hasSameBytes(charts, kept), "seed \(seed)")
  }

  private mutating func chance(_ hits: UInt64, of all: UInt64) -> Bool {
    random.next() % all < hits
  }

  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int(random.next() % UInt64(values.count))]
  }

  /// Flags that must not affect the charts.
  private mutating func machine() -> [String] {
    ["--memory", pick(["32MiB", "33MiB", "64MiB", "256MiB"]), "--threads", "\(pick([1, 2, 3]))"]
  }

  private mutating func text() -> [UInt8] {
    let rows = pick([0, 1, 10, 400])
    let users = pick([1, 7, 100, UInt64.max >> 1])
    let songs = pick([1, 20, 1000, UInt64.max >> 1])
    var text: [UInt8] = []
    for _ in 0..<rows {
      let country = pick(["FR", "DE", "AD", "ZW"])
      var line = Array("\(random.next() % songs)|\(random.next() % users)|\(country)".utf8)
      if chance(1, of: 10) { damage(&line) }
      text += line
      text += pick(["\n", "\n", "\n", "\r\n"]).utf8
    }
    if chance(1, of: 4), text.last == UInt8(ascii: "\n") { text.removeLast() }
    // Another test checks a lone carriage return at the very end.
    if text.last == UInt8(ascii: "\r") { text.removeLast() }
    // A log that begins with NUL bytes is not text. Another test checks such logs.
    return text.contains(0) ? Array("1|1|FR\n".utf8) + text : text
  }

  private mutating func damage(_ line: inout [UInt8]) {
    let place = Int(random.next() % UInt64(line.count))
    switch random.next() % 6 {
    case 0: line.remove(at: place)
    case 1: line[place] = pick(Array("0|,-AF \u{0}\n".utf8))
    case 2: line.insert(pick(Array("9|,Z".utf8)), at: place)
    case 3: line += line
    case 4: line = line.map { $0 == UInt8(ascii: "|") ? UInt8(ascii: ",") : $0 }
    default: line += line.suffix(2)
    }
  }
}
