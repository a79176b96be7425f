/// A batch of parsed rows in three columns, which the parser fills and the row store takes.
///
/// The batch never grows. Its memory belongs to the caller, which is a worker's arena. It is small
/// enough to stay in a second-level cache between the two.
@safe package struct RowBatch: ~Copyable {
  /// The maximum number of rows. At 17 bytes each, 4096 rows take 68 KiB.
  static let capacity = 4096
  /// The size of the three columns together, in bytes.
  package static let byteCount = capacity * (8 + 8 + 1)

  package let users: UnsafeMutablePointer<UInt64>
  let songs: UnsafeMutablePointer<UInt64>
  /// The indices of the rows' countries in the job's `CountryList`.
  package let countries: UnsafeMutablePointer<UInt8>
  package var count = 0
  /// The bitwise OR of all user ids. It is as wide as the widest of them.
  var userBits: UInt64 = 0
  /// The bitwise OR of all song ids. It is as wide as the widest of them.
  var songBits: UInt64 = 0
  /// The buffer for the text of bad rows; nil if they are only counted.
  var rejected: RejectedRows?

  /// - Precondition: `memory` holds `byteCount` bytes and is aligned to 8.
  package init(_ memory: UnsafeMutableRawBufferPointer) {
    let memory = unsafe memory.baseAddress ?? .allocate(byteCount: Self.byteCount, alignment: 8)
    unsafe users = unsafe memory.bindMemory(to: UInt64.self, capacity: Self.capacity)
    unsafe songs = unsafe (memory + Self.capacity * 8).bindMemory(
      to: UInt64.self, capacity: Self.capacity)
    unsafe countries = unsafe (memory + Self.capacity * 16).bindMemory(
      to: UInt8.self, capacity: Self.capacity)
  }

  /// Whether there is space for a row or, if it is bad, for its text. For a line that holds many
  /// rows, `RowParser` checks the space itself.
  var hasSpace: Bool { count <= Self.capacity - 2 && rejected?.hasSpace ?? true }

  /// Removes the rows. The text of bad rows stays.
  package mutating func removeAll() {
    count = 0
    userBits = 0
    songBits = 0
  }
}
