internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// A list of user ids in a file, one per line and in any order, sorted into the order of the user
/// files.
///
/// The file may be gzip. Blank lines, spaces around an id and a `\r` before the line end are
/// ignored. Lines that begin with `#` are comments. A line `user_id` before the first id is the
/// heading of a column.
///
/// Memory: a `RecordSort` of 2 Mi ids, 24 MiB at most.
final class UserList {
  private static let maxLineBytes = 4096
  private static let idsInMemory = 2 << 20

  private let scheme: PartitionScheme
  private let sort: RecordSort<UInt64>
  /// The number of ids in the list, repeated ones included.
  private(set) var listed = 0

  /// The number of ids that were dropped because the list has them already. It is complete once
  /// `next` has returned nil.
  var repeated: Int { sort.repeated }

  /// Reads the list.
  ///
  /// - Parameters:
  ///   - path: `-` means standard input.
  ///   - spillFolder: the folder of a spill file, which is created only for a long list.
  /// - Throws: `SideInputError` for a line that is not a user id, or for a list without any;
  ///   `SystemError`; `Interrupted`.
  init(
    contentsOf path: String, scheme: PartitionScheme, spillFolder: String,
    idsInMemory: Int = UserList.idsInMemory, maxRuns: Int = 256
  ) throws {
    self.scheme = scheme
    sort = try RecordSort(capacity: idsInMemory, maxRuns: maxRuns, folder: spillFolder)
    try SideInputError.withLines(of: path, maxLineBytes: Self.maxLineBytes) { lines, path in
      while let line = try unsafe lines.next() {
        if lines.number & 0xffff == 0 { try StopRequest.check() }
        let text = unsafe Self.trimmed(line, isFirst: lines.number == 1)
        if unsafe text.isEmpty || text[0] == UInt8(ascii: "#") { continue }
        guard let user = unsafe DecimalID.value(text) else {
          if unsafe listed == 0 && text.elementsEqual("user_id".utf8) { continue }
          throw unsafe SideInputError(
            path: path, line: lines.number,
            .notAUser(text: SafeText(utf8: text.prefix(40)).description))
        }
        listed += 1
        try sort.append(scheme.place(ofUser: user))
      }
      if listed == 0 { throw SideInputError(path: path, .noUsers) }
    }
  }

  /// The place of the next user in the user files, ascending and without repetition; nil at the
  /// end.
  func next() throws -> UInt64? {
    try sort.next()
  }

  /// Makes `next` begin with the first user again.
  func rewind() {
    sort.rewind()
  }

  /// The line without spaces at its ends, and without the byte order mark of UTF-8.
  private static func trimmed(
    _ line: UnsafeRawBufferPointer, isFirst: Bool
  ) -> UnsafeRawBufferPointer {
    var bytes = unsafe line[...]
    if isFirst, unsafe bytes.starts(with: LogFormat.byteOrderMark) {
      unsafe bytes = unsafe bytes.dropFirst(3)
    }
    while let last = unsafe bytes.last, last == 32 || last == 9 || last == 13 {
      unsafe bytes = unsafe bytes.dropLast()
    }
    while let first = unsafe bytes.first, first == 32 || first == 9 {
      unsafe bytes = unsafe bytes.dropFirst()
    }
    return unsafe UnsafeRawBufferPointer(rebasing: bytes)
  }
}
