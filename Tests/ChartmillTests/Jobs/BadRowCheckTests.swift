import Testing

@testable import ChartmillJobs
@testable import ChartmillModel

@Suite struct ShareTests {
  @Test(arguments: [
    ("5", true, "5%"), ("0.05", false, "5%"), ("0", false, "0%"), ("0%", true, nil),
    ("100", true, "100%"),
    ("1.0", false, "100%"), ("0.25", true, "0.25%"), ("0.5", false, "50%"), (".5", false, "50%"),
    ("29.0", true, "29%"), ("12.50", true, "12.5%"), ("0.001", false, "0.1%"),
    ("00005", true, "5%"),
    ("0.0000001", true, "0.0000001%"), ("5.", true, "5%"), ("0.000", true, "0%"),
    ("100.0000000000000000000000000", true, "100%"),
  ])
  func sharesAreParsedAndShown(_ text: String, isPercent: Bool, shown: String?) {
    #expect(Share(decimal: text, isPercent: isPercent)?.description == shown)
  }

  @Test func equalSharesAreEqual() {
    let half = Share.percent(50)
    for text in ["0.5", ".50", "0.500000"] {
      #expect(Share(decimal: text, isPercent: false) == half, "\(text)")
    }
    #expect(Share(decimal: "50.0", isPercent: true) == half)
    #expect(Share(decimal: "1", isPercent: false) == .percent(100))
    #expect(Share(decimal: "0.0", isPercent: true) == Share(decimal: "0", isPercent: false))
  }

  @Test(arguments: [
    "", ".", "%", "1.2.3", "-1", "+1", "1e-2", "nan", "101", "100.01", "0x5", " 5", "5 ", "５",
    "0.00000000000000000000000000001", "99999999999999999999999999",
  ])
  func textThatIsNoShareIsRefused(_ text: String) {
    #expect(Share(decimal: text, isPercent: true) == nil)
  }

  /// For every percentage, a share that equals the limit is not over it. Rounding has no effect.
  @Test func exactlyTheLimitIsNotOverIt() {
    for percent in 0...100 {
      for share in [
        Share.percent(percent), Share(decimal: "\(percent)", isPercent: true),
        Share(
          decimal: "\(percent / 100).\(percent % 100 < 10 ? "0" : "")\(percent % 100)",
          isPercent: false),
      ] {
        #expect(share?.isExceeded(by: percent, of: 100) == false, "\(percent)")
        #expect(share?.isExceeded(by: percent + 1, of: 100) == true, "\(percent)")
        #expect(share?.isExceeded(by: percent * 1_000_003, of: 100_000_300) == false, "\(percent)")
      }
    }
    #expect(!Share.percent(0).isExceeded(by: 0, of: 0))
    #expect(Share.percent(99).isExceeded(by: .max, of: .max))
    #expect(!Share.percent(100).isExceeded(by: .max, of: .max))
    #expect(!Share.percent(0).isExceeded(by: .min, of: .min))
    // These differ by less than the precision of a Double.
    #expect(Share.percent(50).isExceeded(by: .max / 2 + 1, of: .max))
    #expect(!Share.percent(50).isExceeded(by: .max / 2, of: .max))
  }
}

@Suite struct BadRowCheckTests {
  private func input(
    _ day: Int, _ name: String, accepted: Int, _ reasons: [(String, Int)] = []
  ) -> Manifest.Input {
    .init(
      name: name, day: Day(daysSinceEpoch: day), reading: .text, bytes: 0, textBytes: 0,
      textCRC32: 0, accepted: accepted, rejected: reasons.reduce(0) { $0 + $1.1 },
      rejectedByReason: reasons.map { .init(name: $0.0, rows: $0.1) }, repairedByRule: [])
  }

  private func sample(_ file: String, _ line: Int, _ reason: String) -> Manifest.Sample {
    .init(reason: reason, file: file, line: line, text: Array("row".utf8), isCut: false)
  }

  private func badDay(
    _ inputs: [Manifest.Input], _ samples: [Manifest.Sample] = [], percent: Int = 5
  ) -> BadDay? {
    var check = BadRowCheck(limit: .percent(percent))
    for input in inputs { check.add(input, samples: samples) }
    return check.badDay()
  }

  @Test func theLimitAppliesToEachDay() {
    let good = (1...6).map { input($0, "good", accepted: 1_000_000) }
    #expect(badDay(good) == nil)
    // In the window, only one row in a million is bad, but on the last day all six rows are.
    let bad = badDay(good + [input(7, "bad", accepted: 0, [("blank", 6)])])
    #expect(bad?.day == Day(daysSinceEpoch: 7))
    #expect(bad?.rejected == 6 && bad?.rows == 6 && bad?.otherDays == 0)
    // One bad row of three is over the limit, although there are few rows.
    #expect(badDay([input(1, "a", accepted: 2, [("blank", 1)])]) != nil)
    #expect(badDay([input(1, "a", accepted: 95, [("blank", 5)])]) == nil)
    #expect(badDay([input(1, "a", accepted: 0)]) == nil)
    #expect(badDay([]) == nil)
  }

  @Test func partsOfADayCountTogether() {
    let parts = [
      input(1, "a", accepted: 10, [("blank", 5)]), input(1, "b", accepted: 1000),
      input(2, "c", accepted: 10),
    ]
    #expect(badDay(parts) == nil)
    #expect(badDay([parts[0], parts[2]])?.log == "a")
  }

  @Test func namesTheWorstLogItsReasonAndTheFirstRow() {
    let inputs = [
      input(1, "good", accepted: 100, [("song id", 1)]),
      input(2, "a", accepted: 50, [("blank", 20), ("user id", 1)]),
      input(2, "b", accepted: 50, [("blank", 10), ("user id", 40)]),
      input(3, "c", accepted: 0, [("blank", 9)]), input(4, "d", accepted: 1, [("blank", 1)]),
    ]
    let samples = [
      sample("good", 1, "song id"), sample("a", 3, "blank"), sample("a", 9, "user id"),
      sample("b", 2, "blank"), sample("b", 5, "user id"), sample("b", 6, "user id"),
      sample("c", 1, "blank"),
    ]
    let bad = badDay(inputs, samples)
    #expect(bad?.day == Day(daysSinceEpoch: 2))
    #expect(bad?.rejected == 71 && bad?.rows == 171 && bad?.otherDays == 2)
    #expect(bad?.log == "b")
    #expect(bad?.reason == .init(name: "user id", rows: 41))
    #expect(bad?.sample == sample("b", 5, "user id"))
    // Without samples, the error still names the day and the log.
    #expect(badDay(inputs)?.log == "b" && badDay(inputs)?.sample == nil)
  }

  /// A kept rollup or a frame may hold any number.
  @Test func hugeCountsDoNotTrap() {
    for rows in [Int.max, .min, -1, 1 << 62] {
      for others in [Int.max, .min, -1, 1 << 62] {
        let inputs = [
          input(1, "a", accepted: rows, [("blank", others)]),
          input(1, "b", accepted: others, [("blank", rows / 2), ("user id", rows / 4)]),
        ]
        _ = badDay(inputs)
      }
    }
    #expect(badDay([input(1, "a", accepted: 1, [("blank", .max)])]) != nil)
  }
}
