import Foundation
import Testing

@testable import ChartmillCore

extension EndToEnd {
  /// How gzip logs are read, and the errors for damaged ones.
  @Suite struct GzipLogs {
    private static let text = (1...3000).map { "\($0 % 97)|\($0 % 31)|FR\n" }.joined()

    private func book(_ bytes: [UInt8]) throws -> LogBook {
      let book = try LogBook()
      try book.addRaw(bytes)
      return book
    }

    @Test func plainAndGzipGiveTheSame() throws {
      let plain = try LogBook(Self.text)
      let charts = try plain.run().charts()
      charts.expect(plain.reference())
      #expect(charts.manifest.inputs.map(\.reading) == [.text])
      let gzip = try LogBook()
      try gzip.add(Self.text, gzip: true)
      let other = try gzip.run().charts()
      #expect(Charts.hasSameBytes(charts, other))
      let (input, unpacked) = (other.manifest.inputs[0], charts.manifest.inputs[0])
      #expect(input.reading == .gzip)
      #expect(input.textCRC32 == unpacked.textCRC32 && input.textBytes == unpacked.textBytes)
    }

    @Test func theContentDecidesWhatIsGzip() throws {
      let book = try LogBook()
      try book.addRaw(try Tool.gzipped("1|2|FR\n"), name: "listen-20260705.log")
      #expect(try book.run().charts().userLines == ["2|1:1"])
      try self.book(Array("1|2|FR\n".utf8)).run().expectFailure(
        65, "listen-20260705.log.gz: invalid gzip header at byte 0")
    }

    @Test func concatenatedMembersAreOneText() throws {
      // Members end inside of rows. One member is empty, and one has a single byte.
      let members = try ["1|2|F", "", "R\n3|2|", "F", "R\n1|2|FR"].map(Tool.gzipped)
      let charts = try book(members.flatMap { $0 }).run().charts()
      #expect(charts.userLines == ["2|1:2,3:1"])
      #expect(charts.manifest.totals.rejected == 0)
      let many = try Tool.gzipped("1|2|FR\n")
      let book = try book((0..<20_000).flatMap { _ in many })
      #expect(try book.run().charts().userLines == ["2|1:20000"])
    }

    @Test(arguments: [1, 511, 300_000])
    func trailingZerosArePadding(zeros: Int) throws {
      let padding = [UInt8](repeating: 0, count: zeros)
      let run = try book(try Tool.gzipped("1|2|FR\n") + padding).run("--days", "1")
      #expect(try run.charts().userLines == ["2|1:1"])
      #expect(run.errors == "")
      // Zeros between members are padding too.
      let member = try Tool.gzipped("1|2|FR\n")
      let charts = try book(member + padding + member).run().charts()
      #expect(charts.userLines == ["2|1:2"])
    }

    @Test(arguments: ["garbage", "\u{1F}\u{1F}", "\u{0}\u{0}x", "1"])
    func otherTrailingBytesWarn(garbage: String) throws {
      let run = try book(try Tool.gzipped("1|2|FR\n") + Array(garbage.utf8)).run("--days", "1")
      let charts = try run.charts()
      #expect(charts.userLines == ["2|1:1"])
      #expect(
        run.errors == "chartmill: warning: listen-20260705.log.gz: "
          + "bytes after the end of the gzip data were ignored\n")
      #expect(charts.manifest.inputs.map(\.reading) == [.gzipWithTrailingBytes])
    }

    @Test func aTruncatedFileFailsTheJob() throws {
      let whole = try Tool.gzipped(Self.text)
      for count in [2, 9, 10, 11, whole.count / 2, whole.count - 8, whole.count - 1] {
        try book(Array(whole[..<count])).run().expectFailure(
          65, "listen-20260705.log.gz: ", "truncated gzip data at byte \(count)\n")
      }
      // The second member is truncated. Its first byte is enough to recognize it.
      for count in 1..<20 {
        try book(whole + whole.prefix(count)).run().expectFailure(
          65, "truncated gzip data at byte \(whole.count + count - (count == 1 ? 1 : 0))")
      }
      try book(whole + [0, 0, 0x1F]).run().expectFailure(65, "truncated gzip data")
      try book(whole + whole.dropLast(3)).run().expectFailure(
        65, "truncated gzip data at byte \(2 * whole.count - 3)")
    }

    @Test func aCorruptFileFailsTheJob() throws {
      let whole = try Tool.gzipped(Self.text)
      func damaged(_ index: Int) -> [UInt8] {
        var bytes = whole
        bytes[index] ^= 0x55
        return bytes
      }
      try book(damaged(2)).run().expectFailure(65, "invalid gzip header at byte ")
      try book(damaged(whole.count - 6)).run().expectFailure(
        65, "wrong gzip checksum at byte ")
      try book(damaged(whole.count - 2)).run().expectFailure(65, "wrong gzip length at byte ")
      for index in stride(from: 12, to: whole.count - 8, by: whole.count / 7) {
        try book(damaged(index)).run().expectFailure(
          65, "listen-20260705.log.gz: ", " at byte ", "Nothing was published.")
      }
    }

    @Test func aDamagedLogLeavesOldChartsAlone() throws {
      let book = try LogBook()
      try book.add("1|2|FR\n", gzip: true)
      let first = try book.run()
      let before = try first.charts()
      try book.addRaw(Array(try Tool.gzipped(Self.text).dropLast(9)))
      #expect(try book.run(out: first.out).status == 65)
      #expect(try Charts(in: first.out) == before)
    }

    @Test func emptyLogsAreDaysWithoutRows() throws {
      let book = try LogBook("1|2|FR\n", day: "20260704")
      try book.add("")
      let flags = ["--allow-missing-last-day"]
      let charts = try book.run(flags).charts()
      #expect(charts.manifest.totals.accepted == 1)
      #expect(charts.manifest.inputs.map(\.accepted) == [1, 0])
      #expect(charts.manifest.window.missing.last?.description == "20260705")
      // An empty text in gzip is not an error. An empty .gz file is a truncated one.
      try FileManager.default.removeItem(atPath: book.folder.path(of: "listen-20260705.log"))
      try book.addRaw(try Tool.gzipped(""))
      #expect(Charts.hasSameBytes(try book.run(flags).charts(), charts))
      try self.book([]).run().expectFailure(65, "truncated gzip data at byte 0")
    }
  }
}
