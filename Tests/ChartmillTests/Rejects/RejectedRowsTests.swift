import Testing

@testable import ChartmillCore
@testable import ChartmillModel

@Suite struct RejectedRowsTests {
  private func append(_ text: String, _ line: Int, _ reason: RejectReason, to rows: RejectedRows) {
    Array(text.utf8).withUnsafeBytes { rows.append(line: line, reason: reason, text: $0) }
  }

  private func text(_ rows: RejectedRows) -> String {
    String(decoding: rows.contents, as: UTF8.self)
  }

  @Test func aLineHasFourFieldsAndTheRowIsTheLast() {
    let rows = RejectedRows()
    rows.begin(log: "listen-20260705.log")
    append("1\t2|FR", 7, .fieldCount, to: rows)
    append("", 9, .blank, to: rows)
    #expect(
      text(rows)
        == "listen-20260705.log\t7\tfield count\t1\t2|FR\nlisten-20260705.log\t9\tblank\t\n")
    #expect(rows.firstLine == 7)
    rows.removeAll()
    append("x", 12, .fieldCount, to: rows)
    #expect(rows.firstLine == 12)
  }

  /// A file on the command line may have any name.
  @Test func aTabInTheNameIsEscaped() {
    let rows = RejectedRows()
    rows.begin(log: "a\tb\n.log")
    append("x", 1, .fieldCount, to: rows)
    #expect(text(rows) == "a\\x09b\\x0a.log\t1\tfield count\tx\n")
  }

  @Test func aLineTooLongIsCutAndSaysSo() {
    for count in [4097, 4098, 200_000] {
      let rows = RejectedRows()
      rows.begin(log: "l")
      append(String(repeating: "7", count: count), 1, .lineTooLong, to: rows)
      #expect(
        text(rows)
          == "l\t1\tline too long, cut at 4096 bytes\t" + String(repeating: "7", count: 4096) + "\n"
      )
    }
  }

  /// While the buffer says that it has enough space, the longest row of the longest name fits.
  @Test func theLongestRowFits() {
    let rows = RejectedRows()
    rows.begin(log: String(repeating: "\u{1}", count: 255))
    var count = 0
    while rows.hasRoom {
      append(String(repeating: "7", count: 5000), .max, .lineTooLong, to: rows)
      count += 1
    }
    #expect(count > 10)
    #expect(rows.contents.count <= RejectedRows.byteCount)
  }
}
