import Foundation
import Testing

@testable import ChartmillModel
@testable import ChartmillSynth

extension EndToEnd {
  /// Logs that `bgzip` wrote, which all threads decompress.
  @Suite struct BlockedGzipLogs {
    private static let name = "listen-\(LogBook.lastDay).log"

    /// Rows, of which one in 40 is bad, and a few lines that are too long.
    private static let text: [UInt8] = {
      var random = RandomStream(seed: 31)
      var text = RandomLogs.text(seed: 32, rows: 1, users: 100, songs: 100)
      for number in 0..<60_000 {
        let row = "\(random.next() % 5000)|\(random.next() % 20_000)|FR"
        switch random.next() % 5000 {
        case 0: text += [UInt8](repeating: 55, count: 5000 + number)
        case 1..<125: text += "bad \(number) ".utf8 + [UInt8](repeating: 120, count: number % 700)
        default: text += row.utf8
        }
        text.append(10)
      }
      return text
    }()

    /// The outputs of a run that must not depend on how the log is stored.
    private struct Outputs {
      let charts: Charts
      let rejects: [UInt8]

      init(_ book: LogBook, threads: Int) throws {
        let folder = try TemporaryFolder()
        let rejects = folder.path(of: "rejects.gz")
        charts = try book.run(
          "--threads", "\(threads)", "--rejects", rejects
        ).charts()
        self.rejects = try folder.readBytes("rejects.gz")
        #expect(charts.manifest.run.threads == threads)
      }

      /// Compares everything except `run` and how the log is stored.
      func isSame(as plain: Outputs) -> Bool {
        let expected = plain.charts.manifest
        var manifest = charts.manifest
        manifest.run = expected.run
        manifest.inputs[0].bytes = expected.inputs[0].bytes
        manifest.inputs[0].reading = expected.inputs[0].reading
        return manifest == expected && Charts.hasSameBytes(charts, plain.charts)
          && rejects == plain.rejects
      }
    }

    @Test func plainGzipAndBlocksGiveTheSame() throws {
      let plain = try LogBook(String(decoding: Self.text, as: UTF8.self))
      let expected = try Outputs(plain, threads: 1)
      expected.charts.expect(plain.reference())
      #expect(expected.charts.manifest.totals.rejected > 1000)
      var random = RandomStream(seed: 33)
      let gzip = try Tool.gzipped(String(decoding: Self.text, as: UTF8.self))
      let files: [(String, [UInt8])] = [
        ("gzip", gzip), ("blocks of bgzip", BlockedGzip.file(Self.text)),
        ("blocks of 700", BlockedGzip.file(Self.text, blockBytes: 2700)),
        (
          "random blocks",
          BlockedGzip.file(BlockedGzip.blocks(Self.text, size: { Int(random.next() % 65_537) }))
        ),
      ]
      for (name, bytes) in files {
        let book = try LogBook()
        try book.addRaw(bytes, name: Self.name)
        for threads in [1, 2, 8] {
          let found = try Outputs(book, threads: threads)
          let isSame = found.isSame(as: expected)
          #expect(isSame, "\(name), \(threads) threads")
          #expect(found.charts.manifest.inputs.map(\.reading) == [.gzip])
          #expect(found.charts.manifest.inputs.map(\.bytes) == [bytes.count])
        }
      }
    }

    @Test(arguments: [1, 2, 8])
    func damageFailsTheRunAndNamesTheByte(threads: Int) throws {
      let blocks = BlockedGzip.blocks(Self.text, size: { 30_000 })
      let middle = BlockedGzip.file(blocks[..<20]).count
      func expect(_ message: String, _ change: (inout [UInt8]) -> Void) throws {
        var bytes = BlockedGzip.file(blocks)
        change(&bytes)
        let book = try LogBook()
        try book.addRaw(bytes)
        try book.run("--threads", "\(threads)").expectFailure(
          65, "listen-20260705.log.gz: ", message, "Nothing was published.")
      }
      try expect("truncated gzip data at byte \(middle + 500)\n") {
        $0.removeLast($0.count - middle - 500)
      }
      try expect("invalid gzip header at byte \(middle + 2)") { $0[middle + 2] = 0 }
      try expect("corrupt gzip data at byte ") { $0[middle + 18] |= 6 }
      try expect("wrong gzip checksum at byte ") { $0[middle - 8] ^= 1 }
      try expect("wrong gzip length at byte ") { $0[middle - 2] ^= 1 }
    }

    /// A length in a header is only a hint. Whatever it says, the log is the gzip file that it is.
    @Test func aWrongLengthInAHeaderChangesNothing() throws {
      let expected = try LogBook(String(decoding: Self.text, as: UTF8.self)).run().charts()
      for lie in [0, 25, 26, 999, 65_535] {
        var blocks = BlockedGzip.blocks(Self.text, size: { 30_000 })
        for number in [0, 11, 30] {
          blocks[number][16] = UInt8(truncatingIfNeeded: lie)
          blocks[number][17] = UInt8(truncatingIfNeeded: lie >> 8)
        }
        let book = try LogBook()
        try book.addRaw(BlockedGzip.file(blocks))
        let charts = try book.run("--threads", "3").charts()
        #expect(Charts.hasSameBytes(charts, expected), "length \(lie)")
      }
    }

    /// A pipe is read by one thread.
    @Test func aPipeIsReadToo() throws {
      let outputs = try [Self.text, BlockedGzip.file(Self.text)].map { bytes in
        let folder = try TemporaryFolder()
        try folder.write(bytes, to: "log")
        let rolledUp = try ChartmillProcess.run(
          ["rollup", "-", "--name", Self.name, "--state", folder.path(of: "state")],
          inputPath: folder.path(of: "log"))
        #expect(rolledUp.status == 0, "\(rolledUp.errors)")
        return rolledUp.output
      }
      #expect(outputs[0].hasPrefix("1 day rolled up") && outputs[0] == outputs[1])
    }

    /// The block buffers are in the plan.
    @Test func theSmallestBudgetHolds() throws {
      let book = try LogBook()
      try book.addRaw(BlockedGzip.file(Self.text))
      let folder = book.folder
      let run = try MeasuredRun(logs: folder, ["--memory", "32MiB", "--threads", "4"])
      #expect(try run.charts().manifest.totals.accepted > 50_000)
      #expect(run.peakResident <= 32 << 20)
    }
  }
}
