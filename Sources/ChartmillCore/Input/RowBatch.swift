/// A fixed-capacity batch of parsed rows as three columns: what the parser fills and the rollup
/// takes. Small enough to stay in the first-level cache between the two.
///
/// The memory belongs to whoever made the batch (a worker's arena); a batch never grows.
@safe package struct RowBatch: ~Copyable {
  /// 4096 rows: 17 bytes each is 68 KiB, written once and read once.
  static let capacity = 4096
  /// Bytes of the three columns together.
  package static let byteCount = capacity * (8 + 8 + 1)

  package let users: UnsafeMutablePointer<UInt64>
  let songs: UnsafeMutablePointer<UInt64>
  /// Indices into the job's `CountryList`.
  package let countries: UnsafeMutablePointer<UInt8>
  package var count = 0
  /// The bitwise or of all users and of all songs: as many bits as the widest id of the batch.
  var userBits: UInt64 = 0
  var songBits: UInt64 = 0
  /// Takes the text of rejected rows; nil when they are only counted.
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

  /// For the row that a line gives, or for the text of it. `RowParser` asks again for a line of
  /// many rows.
  var hasSpace: Bool { count <= Self.capacity - 2 && rejected?.hasSpace ?? true }

  /// Forgets the rows; what was rejected stays.
  package mutating func removeAll() {
    count = 0
    userBits = 0
    songBits = 0
  }
}
