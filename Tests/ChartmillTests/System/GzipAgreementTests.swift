import Foundation
import Testing

@testable import ChartmillCore

/// Every build accepts and refuses the same gzip files as zlib. Python's zlib makes the files and
/// says what they contain. `.ci/run` runs these tests with both codecs.
@Suite struct GzipAgreementTests {
  private struct Case {
    let bytes: [UInt8]
    /// Nil if the file must be refused.
    let text: [UInt8]?
  }

  /// Writes each case as three numbers and two byte strings: the file's length, whether it is good,
  /// the text's length, the file, the text.
  private static let generator = #"""
    import random, struct, sys, zlib

    random.seed(20261125)
    rows = b"".join(b"%d|%d|FR\n" % (random.randrange(10**9), i) for i in range(12))

    def header(flags, breaks=None):
        data = bytes([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255])
        if flags & 4:
            extra = bytes(random.randrange(256) for _ in range(random.choice([0, 1, 7])))
            data += struct.pack("<H", len(extra)) + extra
        if flags & 8:
            data += random.choice([b"", b"n", b"listen.log"]) + b"\0"
        if flags & 16:
            data += random.choice([b"", b"c", b"a comment"]) + b"\0"
        if flags & 2:
            crc = zlib.crc32(data) & 0xFFFF
            data += struct.pack("<H", crc ^ (breaks or 0))
        return data

    def body(text, kind):
        level, strategy = {"stored": (0, 0), "fixed": (9, 4), "dynamic": (9, 0)}[kind]
        coder = zlib.compressobj(level, 8, -15, 9, strategy)
        return coder.compress(text) + coder.flush()

    def trailer(text):
        return struct.pack("<II", zlib.crc32(text), len(text))

    def member(flags=0, text=b"1|2|FR\n", kind="fixed", breaks=None):
        return header(flags, breaks) + body(text, kind) + trailer(text)

    def judge(data):
        text, place = b"", 0
        while True:
            decoder = zlib.decompressobj(31)
            try:
                text += decoder.decompress(data[place:])
            except zlib.error:
                return None
            if not decoder.eof:
                return None
            place = len(data) - len(decoder.unused_data)
            while place < len(data) and data[place] == 0:
                place += 1
            if data[place:] == b"\x1f":
                return None
            if data[place:place + 2] != b"\x1f\x8b":
                return text

    cases = []
    for flags in range(32):
        for kind in ("stored", "fixed", "dynamic"):
            cases.append(member(flags, random.choice([b"", b"1|2|FR\n", rows]), kind))
        cases.append(member(flags) + member(31 - flags))
    # Every cut of one member, and of a second one behind it.
    for flags in range(0, 32, 2):
        whole = member(flags)
        cases += [whole[:cut] for cut in range(2, len(whole))]
        cases += [member() + whole[:cut] for cut in range(len(whole))]
    for kind in ("stored", "fixed", "dynamic"):
        whole = member(0, rows, kind)
        cases += [whole[:cut] for cut in range(2, len(whole), 3)]
        # Every byte of header and trailer, and some between, flipped.
        for place in [*range(2, 10), *range(10, len(whole) - 8, 9), *range(len(whole) - 8, len(whole))]:
            damaged = bytearray(whole)
            damaged[place] ^= 1 << random.randrange(8)
            cases.append(bytes(damaged))
    # A wrong header CRC, reserved flags, other methods.
    cases += [member(2, breaks=1), member(30, breaks=0x8000), member() + member(2, breaks=256)]
    cases += [member(flags) for flags in (32, 64, 128, 255)]
    cases += [b"\x1f\x8b" + bytes([method]) + member()[3:] for method in (0, 7, 9, 255)]
    # Padding, and bytes that are ignored.
    for tail in (b"\0", bytes(700), b"x", b"\x1f", b"\x1f\x1f", b"\0\0\x1f", b"\x1f\x8b", b"\x8b\x1f",
                 b"1|2|FR\n", b"\0x", bytes(3) + member(), b"x" + member(), b"\x1f\0" + member()):
        cases += [member() + tail, member() + member(text=b"") + tail]
    cases.append(b"".join(member(i % 32, rows[:i], "fixed") for i in range(100)))

    out = open(sys.argv[1], "wb")
    for data in cases:
        text = judge(data)
        out.write(struct.pack("<III", len(data), text is not None, len(text or b"")))
        out.write(data + (text or b""))
    """#

  private static func cases(in folder: TemporaryFolder) throws -> [Case] {
    let made = try Tool.run("python3", "-c", generator, folder.path(of: "cases"))
    try #require(made.status == 0)
    let bytes = try folder.readBytes("cases")
    var cases: [Case] = []
    var offset = 0
    func number() -> Int {
      defer { offset += 4 }
      return bytes.withUnsafeBytes {
        Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
      }
    }
    func piece(_ count: Int) -> [UInt8] {
      defer { offset += count }
      return Array(bytes[offset..<(offset + count)])
    }
    while offset < bytes.count {
      let (count, isGood, textCount) = (number(), number() == 1, number())
      let file = piece(count)
      let text = piece(textCount)
      cases.append(Case(bytes: file, text: isGood ? text : nil))
    }
    return cases
  }

  /// The text of a log, read in pieces of `pieceBytes`; nil if the log is refused.
  private func text(of path: String, readBytes: Int, pieceBytes: Int) throws -> [UInt8]? {
    var text: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 8)
    defer { buffer.deallocate() }
    do {
      let log = try TextReader(try LogFile(path: path), maxReadBytes: readBytes)
      while true {
        let count = try log.read(into: buffer)
        if count == 0 {
          #expect(log.checksum.byteCount == text.count)
          return text
        }
        text += buffer[..<count]
      }
    } catch LogError.corruptGzip {
      return nil
    }
  }

  @Test func everySplitOfEveryHeader() throws {
    let folder = try TemporaryFolder()
    let cases = try Self.cases(in: folder)
    #expect(cases.count > 1000 && cases.contains { $0.text == nil })
    let path = folder.path(of: "listen-20260705.log.gz")
    for (number, one) in cases.enumerated() {
      try folder.write(one.bytes, to: "listen-20260705.log.gz")
      // Reading one byte at a time splits the input everywhere. Larger reads split it at different
      // places.
      for readBytes in [1, 2, 3, 7, 11 + number % 31, one.bytes.count] {
        let found = try text(of: path, readBytes: readBytes, pieceBytes: 1 + number % 700)
        if found != one.text {
          Issue.record("case \(number), reads of \(readBytes): \(one.bytes), \(found as Any)")
          return
        }
      }
    }
  }

  /// A file name of a megabyte in a header is skipped, and its bytes count for the header's CRC.
  @Test func headerFieldsMayHaveAnyLength() throws {
    let folder = try TemporaryFolder()
    let script = """
      import sys, zlib, struct
      head = bytes([0x1f, 0x8b, 8, 30, 0, 0, 0, 0, 0, 3]) + struct.pack("<H", 65535) + bytes(65535)
      head += b"n" * 1000003 + b"\\0" + b"c" * 300000 + b"\\0"
      head += struct.pack("<H", zlib.crc32(head) & 65535)
      open(sys.argv[1], "wb").write(
          head + zlib.compress(b"1|2|FR\\n", wbits=-15) + struct.pack("<II", zlib.crc32(b"1|2|FR\\n"), 7))
      """
    let path = folder.path(of: "listen-20260705.log.gz")
    try #require(try Tool.run("python3", "-c", script, path).status == 0)
    for readBytes in [1009, TextReader.inputBytes] {
      let found = try text(of: path, readBytes: readBytes, pieceBytes: 100)
      #expect(found == Array("1|2|FR\n".utf8))
    }
  }
}
