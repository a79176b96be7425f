internal import ChartmillModel

/// A buffer of rejected rows as lines of text: `FILE`, `LINE`, `REASON` and the bytes of the row,
/// separated by tabs. The row comes last because it may hold tabs: `cut -f 4-` gives the rows back.
///
/// Memory: `byteCount`, allocated once.
@safe package final class RejectedRows {
  /// The size of the buffer, in bytes. It is small compared to the memory of a worker.
  package static let byteCount = 64 << 10
  /// The size to which a longer row is cut, in bytes.
  private static let maxRowBytes = RejectReason.maxLineBytes
  /// The reason of a row that was cut.
  private static let cutReason = "\(RejectReason.lineTooLong.name), cut at \(maxRowBytes) bytes"

  private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 8)
  private var count = 0
  /// The beginning of every line: the name of the log and a tab.
  private var prefix: [UInt8] = []
  /// The line number of the first row in the buffer, counted in its log.
  private(set) var firstLine = 0

  deinit {
    unsafe memory.deallocate()
  }

  var contents: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(rebasing: memory[..<count])
  }

  /// Whether the longest possible row of the log fits. A file name has at most 255 bytes, or four
  /// times that as `SafeText`, so an empty buffer always has space for some rows.
  var hasSpace: Bool {
    let maxFieldBytes = 20 + Self.cutReason.utf8.count + 3
    return unsafe count + prefix.count + maxFieldBytes + Self.maxRowBytes <= memory.count
  }

  /// Begins the rows of the log called `name`. A tab in the name is escaped, so that it does not
  /// shift the fields.
  ///
  /// - Precondition: `contents` is empty.
  func begin(log name: String) {
    precondition(count == 0)
    prefix = Array("\(SafeText(name))\t".utf8)
  }

  /// Appends a row, and cuts it if it is too long.
  ///
  /// - Precondition: `hasSpace`.
  func append(line: Int, reason: RejectReason, text: UnsafeRawBufferPointer) {
    if count == 0 { firstLine = line }
    let name = reason == .lineTooLong ? Self.cutReason : reason.name
    append(prefix)
    append("\(line)\t\(name)\t".utf8)
    unsafe append(text.prefix(Self.maxRowBytes))
    append(CollectionOfOne(UInt8(ascii: "\n")))
  }

  /// Whether a text is empty or begins with a line that `append` could have written.
  package static func isFirstLine(_ text: [UInt8]) -> Bool {
    let fields = text.prefix { $0 != 10 }.split(
      separator: 9, maxSplits: 3, omittingEmptySubsequences: false)
    guard fields.count == 4 else { return text.isEmpty }
    let reason = String(decoding: fields[2], as: UTF8.self)
    return !fields[1].isEmpty && fields[1].allSatisfy { (48...57).contains($0) }
      && (reason == cutReason || RejectReason.allCases.contains { $0.name == reason })
  }

  func removeAll() {
    count = 0
  }

  private func append(_ bytes: some Collection<UInt8>) {
    unsafe UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyBytes(from: bytes)
    count += bytes.count
  }
}
