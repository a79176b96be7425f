internal import ChartmillModel

/// Rejected rows as lines of text, until somebody takes them: `FILE`, `LINE`, `REASON` and the raw
/// bytes of the row, with tabs between them. The row comes last, so that its own tabs are no cut:
/// `cut -f 4-` gives the rows back.
///
/// Memory: `byteCount`, allocated once.
@safe package final class RejectedRows {
  /// Many rows, and still little beside a worker's rows.
  package static let byteCount = 64 << 10
  /// What a too long line is cut to, and how its reason says so.
  private static let maxRowBytes = RejectReason.maxLineBytes
  private static let cutReason = "\(RejectReason.lineTooLong.name), cut at \(maxRowBytes) bytes"

  private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 8)
  private var count = 0
  /// The name of the log, and the first tab.
  private var prefix: [UInt8] = []
  /// Of the first row that is held.
  private(set) var firstLine = 0

  deinit {
    unsafe memory.deallocate()
  }

  var contents: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(rebasing: memory[..<count])
  }

  /// Whether the longest row of the log has space. A file name is 255 bytes at most, four times
  /// that as `SafeText`, so an empty buffer always has space for some rows.
  var hasSpace: Bool {
    let maxFieldBytes = 20 + Self.cutReason.utf8.count + 3
    return unsafe count + prefix.count + maxFieldBytes + Self.maxRowBytes <= memory.count
  }

  /// The rows to come are of the log called `name`. One with a tab in it must not shift the fields.
  ///
  /// - Precondition: `contents` is empty.
  func begin(log name: String) {
    precondition(count == 0)
    prefix = Array("\(SafeText(name))\t".utf8)
  }

  /// - Precondition: `hasSpace`.
  func append(line: Int, reason: RejectReason, text: UnsafeRawBufferPointer) {
    if count == 0 { firstLine = line }
    let name = reason == .lineTooLong ? Self.cutReason : reason.name
    append(prefix)
    append("\(line)\t\(name)\t".utf8)
    unsafe append(text.prefix(Self.maxRowBytes))
    append(CollectionOfOne(UInt8(ascii: "\n")))
  }

  /// Whether a text begins with a line of rejected rows, or is empty.
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
