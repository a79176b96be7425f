import Foundation
import Testing

@testable import ChartmillCore
@testable import ChartmillSynth

/// Files of other formats are recognized by their first bytes.
@Suite struct LogFormatTests {
  private func format(_ bytes: [UInt8]) -> LogFormat? {
    bytes.prefix(LogFormat.headBytes).withUnsafeBytes(LogFormat.init(head:))
  }

  private func format(_ text: String) -> LogFormat? { format(Array(text.utf8)) }

  @Test func signaturesAreRecognized() {
    let rest = Array(repeating: UInt8(ascii: "7"), count: 300)
    let cases: [(LogFormat, [UInt8])] = [
      (.zstandard, [0x28, 0xb5, 0x2f, 0xfd]), (.zstandard, [0x50, 0x2a, 0x4d, 0x18]),
      (.lz4, [0x04, 0x22, 0x4d, 0x18]), (.sevenZip, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]),
      (.gzip, [0x1f, 0x8b, 8]), (.compress, [0x1f, 0x9d]), (.parquet, Array("PAR1".utf8)),
      (.lzip, Array("LZIP".utf8)), (.zip, [0x50, 0x4b, 3, 4]),
    ]
    for (expected, bytes) in cases {
      #expect(format(bytes + rest) == expected && format(bytes) == expected)
      // A signature in the middle of a text, or a part of one, is not recognized.
      #expect(format(Array("1|2|FR\n".utf8) + bytes + rest) == nil)
      #expect(format(Array(bytes.dropLast()) + rest) == nil)
    }
  }

  @Test func utf16IsRecognizedInBothByteOrders() {
    for text in ["1|2|FR\n3|4|DE\n", "1|2|FR\r\n", "sng_id|user_id|country\n1|2|FR\n"] {
      let little = text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
      let big = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
      #expect(
        format(little) == .utf16LittleEndian && format([0xff, 0xfe] + little) == format(little))
      #expect(format(big) == .utf16BigEndian && format([0xfe, 0xff] + big) == format(big))
    }
  }

  @Test func carriageReturnsAndNULBytesAreRecognized() {
    #expect(format("1|2|FR\r3|4|DE\r5|6|IT") == .carriageReturns)
    #expect(format("\u{FEFF}1|2|FR\r3|4|DE\r") == .carriageReturns)
    #expect(format([UInt8](repeating: 0, count: 2000)) == .nulBytes)
    #expect(format("\0\0\0\0\n\0\n") == .nulBytes)
    for text in [
      "", "1|2|FR\r", "1|2|FR\r3|4|DE\r\n", "1|2|FR\r3|4|DE\n5|6|IT\n", "x\ry\rz\r", "\r\r\r",
      "1|2|FR\n\0\0\0\0\n", "\0|2|FR\n1|2|FR\n", "\u{FEFF}1|2|FR\n", "\u{FEFF}",
    ] {
      #expect(format(text) == nil, "\(text.debugDescription)")
    }
  }

  /// A log that begins with a bad row and has good rows after it is text.
  @Test func aBadRowIsNoOtherFormat() {
    for line in EndToEnd.Rows.badLines.map(\.line) + ["BZh9", "PK", "7z", "ustar", "LZI", "PAR"] {
      #expect(format(line + "\n1|2|FR\n3|4|DE\n") == nil, "\(line)")
    }
    #expect(format([0xff, 0xfe, 0, 0x7c, 0x80, 0x7c] + Array("FR\n1|2|FR\n3|4|DE\n".utf8)) == nil)
  }

  /// Any bytes of any length give a result. Nothing traps.
  @Test func anyBytesGiveAResult() {
    for seed in UInt64(0)..<2000 {
      var random = RandomStream(seed: seed)
      let alphabet: [UInt8] = [0, 0, 10, 13, 0x1f, 0x8b, 0xff, 0xfe, 0x31, 0x7c, 0x46, 0x52]
      let bytes = (0..<Int.random(in: 0...70, using: &random)).map { _ in
        alphabet.randomElement(using: &random) ?? 0
      }
      _ = format(bytes)
      #expect(format(Array("1|2|FR\n".utf8) + bytes) == nil)
    }
  }
}

extension EndToEnd {
  /// What a run says about other formats, and whether its advice works.
  @Suite struct OtherFormats {
    /// Creates the files with modules of Python's standard library.
    private static let generator = """
      import bz2, gzip, io, lzma, sys, tarfile, zipfile
      kind, path = sys.argv[1:]
      rows = b"".join(b"%d|%d|FR\\n" % (i % 97, i % 13) for i in range(2000))
      def tar():
          file = io.BytesIO()
          with tarfile.open(fileobj=file, mode="w") as archive:
              entry = tarfile.TarInfo("listen.log")
              entry.size = len(rows)
              archive.addfile(entry, io.BytesIO(rows))
          return file.getvalue()
      def zipped():
          file = io.BytesIO()
          with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
              archive.writestr("listen.log", rows)
          return file.getvalue()
      data = {
          "rows": lambda: rows, "xz": lambda: lzma.compress(rows), "bzip2": lambda: bz2.compress(rows),
          "gzip": lambda: gzip.compress(rows), "tar": tar, "zip": zipped,
          "utf-16le": lambda: rows.decode().encode("utf-16-le"),
          "utf-16be": lambda: rows.decode().encode("utf-16-be"),
          "nul": lambda: bytes(3000) + b"\\n" + rows, "cr": lambda: rows.replace(b"\\n", b"\\r"),
      }[kind]()
      open(path, "wb").write(gzip.compress(data) if path.endswith(".gz") else data)
      """

    private static let names = [
      "xz": "xz data", "bzip2": "bzip2 data", "gzip": "gzip data", "tar": "a tar archive",
      "zip": "a zip archive", "utf-16le": "UTF-16 text", "utf-16be": "UTF-16 text",
      "nul": "binary data", "cr": "carriage return",
    ]
    private static let tools = [
      "xz": "xz", "bzip2": "bzip2", "gzip": "gzip", "tar": "tar", "zip": "unzip",
      "utf-16le": "iconv", "utf-16be": "iconv", "nul": "tr", "cr": "tr",
    ]

    @Test(arguments: ["xz", "bzip2", "gzip", "tar", "zip", "utf-16le", "utf-16be", "nul", "cr"])
    func theAdviceMakesTheFileALog(kind: String) throws {
      for name in ["listen-20260705.log", "listen-20260705.log.gz"]
      where !(kind == "gzip" && name.hasSuffix(".log")) {
        let book = try LogBook("1|2|FR\n", day: "20260704")
        let path = book.folder.path(of: name)
        try #require(try Tool.run("python3", "-c", Self.generator, kind, path).status == 0)
        let run = try book.run()
        try run.expectFailure(65, "\(name): this is ", Self.names[kind] ?? "?", "Convert it: ")
        #expect(run.errors.contains(" inside gzip") == name.hasSuffix(".gz"))
        // `check` says the same about this log, and continues with the others.
        let checked = try ChartmillProcess.run(
          "check", path, book.folder.path(of: "listen-20260704.log"))
        #expect(checked.status == 65 && checked.errors == run.errors)
        #expect(checked.output.contains("listen-20260704.log: 1 row"))
        if try Tool.run("which", Self.tools[kind] ?? "").status != 0 { continue }
        let advice = try #require(
          run.errors.split(separator: "\n").last?.split(separator: ": ").last)
        #expect(try Tool.run("sh", "-c", String(advice)).status == 0, "\(advice)")
        let charts = try book.run().charts()
        #expect(charts.manifest.totals.accepted == 2001, "\(advice)")
      }
    }

    @Test func theNameDoesNotDecideTheFormat() throws {
      let book = try LogBook()
      try book.addRaw(Array("1|2|FR\n".utf8))
      try book.run().expectFailure(
        65, "invalid gzip header at byte 0", "rename the log if it is plain text")
      try book.addRaw([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2])
      try book.run().expectFailure(65, "this is xz data; expected")
      let run = try book.run()
      #expect(!run.errors.contains("inside gzip"))
    }
  }
}
