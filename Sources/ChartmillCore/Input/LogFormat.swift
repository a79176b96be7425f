internal import ChartmillSystem

/// A format of files that are sent as logs by mistake, recognized by its first bytes.
///
/// Without this check, every row of such a log would be bad, and its day would not be in any chart.
package enum LogFormat: String, Sendable, CaseIterable {
  case xz
  case zstandard
  case bzip2
  case lz4
  case lzip
  case compress
  case gzip
  case zip
  case sevenZip
  case tar
  case parquet
  case utf16LittleEndian
  case utf16BigEndian
  /// NUL bytes before the first row: a hole that a crash left, or binary data.
  case nulBytes
  /// Rows that each end in a carriage return alone.
  case carriageReturns

  /// The format that was recognized in a log.
  package struct Finding: Sendable, Equatable {
    package let format: LogFormat
    /// Whether the format is that of the text inside a gzip file.
    package let isInsideGzip: Bool
    package let isStandardInput: Bool
  }

  /// The number of bytes of a text that `init` looks at.
  package static let headBytes = 1024

  /// Recognizes a format. Nil for rows, and for any other text. Its rows are then checked one by
  /// one.
  ///
  /// - Parameter head: the first `headBytes` of a text, or all of a shorter text.
  package init?(head: UnsafeRawBufferPointer) {
    let signatures: [(LogFormat, offset: Int, [UInt8])] = [
      (.xz, 0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
      (.zstandard, 0, [0x28, 0xb5, 0x2f, 0xfd]),
      (.bzip2, 4, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]),
      (.bzip2, 4, [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]),
      (.lz4, 0, [0x04, 0x22, 0x4d, 0x18]),
      (.lz4, 0, [0x02, 0x21, 0x4c, 0x18]),
      (.lzip, 0, Array("LZIP".utf8)),
      (.compress, 0, [0x1f, 0x9d]),
      (.gzip, 0, [GzipHeader.magic.0, GzipHeader.magic.1, 0x08]),
      (.zip, 0, [0x50, 0x4b, 0x03, 0x04]),
      (.zip, 0, [0x50, 0x4b, 0x05, 0x06]),
      (.zip, 0, [0x50, 0x4b, 0x07, 0x08]),
      (.sevenZip, 0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]),
      (.tar, 257, Array("ustar".utf8)),
      (.parquet, 0, Array("PAR1".utf8)),
    ]
    let found = signatures.first { _, offset, bytes in
      unsafe head.dropFirst(offset).starts(with: bytes)
    }
    if let found {
      if found.0 == .bzip2, unsafe !head.starts(with: Array("BZh".utf8)) { return nil }
      self = found.0
      return
    }
    // Zstandard and LZ4 share the format of frames that a decoder skips. The output of pzstd begins
    // with such a frame.
    if head.count >= 4, unsafe head[0] & 0xf0 == 0x50, unsafe head[1] == 0x2a,
      unsafe head[2] == 0x4d, unsafe head[3] == 0x18
    {
      self = .zstandard
      return
    }
    if let order = unsafe Self.utf16(head) {
      self = order
      return
    }
    let text = unsafe head.starts(with: Self.byteOrderMark) ? head.dropFirst(3) : head[...]
    if unsafe Self.beginsWithOldLineEnds(text) {
      self = .carriageReturns
    } else if unsafe text.contains(0), unsafe !Self.hasRow(text) {
      self = .nulBytes
    } else {
      return nil
    }
  }

  /// The byte order mark of UTF-8. A text of rows may begin with it.
  package static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  /// The byte order of a text in UTF-16; nil for other texts.
  ///
  /// Rows in UTF-16 are ASCII bytes with zero bytes between them. At least three of four units must
  /// be like that, with or without a byte order mark.
  private static func utf16(_ head: UnsafeRawBufferPointer) -> LogFormat? {
    for (order, mark, zero) in [
      (LogFormat.utf16LittleEndian, [0xff, 0xfe] as [UInt8], 1),
      (.utf16BigEndian, [0xfe, 0xff], 0),
    ] {
      let isMarked = unsafe head.starts(with: mark)
      let text = unsafe head.dropFirst(isMarked ? 2 : 0).prefix(64)
      let units = unsafe text.count / 2
      var ascii = 0
      for unit in 0..<units {
        let start = unsafe text.startIndex + 2 * unit
        let byte = unsafe text[start + 1 - zero]
        if unsafe text[start + zero] == 0, byte != 0, byte < 128 { ascii += 1 }
      }
      if units >= (isMarked ? 1 : 4), 4 * ascii >= 3 * units, unsafe isMarked || !hasRow(head[...])
      {
        return order
      }
      // The text is a byte order mark and nothing else.
      if isMarked, unsafe text.isEmpty { return order }
    }
    return nil
  }

  /// Whether the first two lines are rows that end in carriage returns, without any `\n` in the
  /// text.
  private static func beginsWithOldLineEnds(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
    guard unsafe !text.contains(newline), let first = unsafe text.firstIndex(of: carriageReturn),
      unsafe isRow(text[..<first])
    else { return false }
    let rest = unsafe text[(first + 1)...]
    guard let second = unsafe rest.firstIndex(of: carriageReturn) else { return false }
    return unsafe isRow(rest[..<second])
  }

  private static func hasRow(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
    unsafe text.split(separator: newline).contains {
      unsafe isRow($0.last == carriageReturn ? $0.dropLast() : $0)
    }
  }

  /// Whether a line has two numbers and two characters with bars between them, whatever their
  /// values.
  private static func isRow(_ line: Slice<UnsafeRawBufferPointer>) -> Bool {
    let fields = unsafe line.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
    return unsafe fields.count == 3 && fields[2].count == 2
      && fields[0...1].allSatisfy { field in
        unsafe !field.isEmpty && field.allSatisfy { (48...57).contains($0) }
      }
  }
}
