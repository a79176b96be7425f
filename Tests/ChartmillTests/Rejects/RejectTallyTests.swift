import Testing

@testable import ChartmillCore
@testable import ChartmillModel

@Suite struct RejectTallyTests {
  private func tally(_ lines: [Int], _ reason: RejectReason = .blank) -> RejectTally {
    var tally = RejectTally()
    for line in lines {
      Array("line \(line)".utf8).withUnsafeBytes { tally.reject(reason, line: line, text: $0) }
    }
    return tally
  }

  @Test func theFiveLowestLinesAreSampled() {
    let lines = [90, 3, 70, 11, 5, 60, 4, 80, 2, 1000]
    let all = tally(lines)
    #expect(all.samples(.blank).map(\.line) == [2, 3, 4, 5, 11])
    #expect(all.samples(.blank).first?.text == Array("line 2".utf8))
    #expect(all.rejected(.blank) == 10 && all.rejected == 10 && all.lines == 10)
    #expect(all.samples(.songID).isEmpty)
  }

  @Test func samplesAreCut() {
    for count in [119, 120, 121, 5000] {
      var tally = RejectTally()
      [UInt8](repeating: 0xFF, count: count).withUnsafeBytes {
        tally.reject(.fieldCount, line: 1, text: $0)
      }
      #expect(tally.samples(.fieldCount).map(\.text.count) == [min(120, count)])
      #expect(tally.samples(.fieldCount).map(\.isCut) == [count > 120])
    }
  }

  @Test func mergingInAnyOrderGivesTheSame() {
    var parts = [
      tally([5, 1, 9]), tally([2, 7, 3, 8]), tally([4, 4], .userID), tally([1, 6, 10]),
    ]
    parts[0].accepted = 5
    parts[1].accepted = 7
    parts[2].repairGluedRows(2)
    parts[3].repair(.commas)
    var forward = RejectTally()
    for part in parts { forward.merge(part) }
    var backward = RejectTally()
    for part in parts.reversed() { backward.merge(part) }
    #expect(forward == backward)
    #expect(forward.samples(.blank).map(\.line) == [1, 1, 2, 3, 5])
    #expect(forward.accepted == 12 && forward.rejected == 12)
    #expect(forward.rows == 24 && forward.lines == 23 && forward.repaired == 2)
  }

  @Test func namesOfReasonsAreExact() {
    #expect(
      RejectReason.allCases.map(\.name) == [
        "blank", "field count", "song id", "user id", "country syntax", "unknown country",
        "line too long",
      ])
    #expect(
      RepairRule.allCases.map(\.name) == [
        "glued rows", "commas", "doubled country", "lower-case country", "UK for GB",
        "byte order mark",
      ])
  }
}
