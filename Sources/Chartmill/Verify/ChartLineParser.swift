/// Reads one line of a chart, field by field, in the one way it may be written.
struct ChartLineParser {
  private let bytes: UnsafeRawBufferPointer
  private(set) var index = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// Of the next byte, from 1.
  var column: Int { index + 1 }
  var isAtEnd: Bool { index == bytes.count }

  /// Nothing is taken where the text is another.
  mutating func take(_ text: StaticString) -> Bool {
    let expected = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    guard bytes[index...].starts(with: expected) else { return false }
    index += expected.count
    return true
  }

  /// Digits without leading zeros, at most 2^63 − 1; nil for anything else.
  mutating func number() -> UInt64? {
    let start = index
    var value: UInt64 = 0
    while index < bytes.count {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      // 19 digits fit 64 bits; a 20th number is too large anyway.
      guard index - start < 19 else { return nil }
      value = value * 10 + UInt64(digit)
      index += 1
    }
    let isCanonical = index > start && (bytes[start] != UInt8(ascii: "0") || index == start + 1)
    return isCanonical && value <= UInt64(Int64.max) ? value : nil
  }

  /// Two letters A–Z as one number that orders as they do.
  mutating func country() -> UInt64? {
    guard bytes.count - index >= 2 else { return nil }
    let (first, second) = (bytes[index], bytes[index + 1])
    guard (65...90).contains(first), (65...90).contains(second) else { return nil }
    index += 2
    return UInt64(first) << 8 | UInt64(second)
  }
}

/// Checks the songs of charts, one chart after another. Memory: 8 bytes times `top`.
struct SongListChecker {
  private let top: Int
  private var songs: [UInt64] = []
  private var lastStreams: UInt64 = 0
  /// Of all charts so far.
  private(set) var streams: UInt64 = 0

  init(top: Int) {
    self.top = top
    songs.reserveCapacity(top)
  }

  mutating func begin() {
    songs.removeAll(keepingCapacity: true)
  }

  /// Takes the next song of the chart; the problem with its place, or nil.
  mutating func add(_ song: UInt64, _ count: UInt64) -> ChartDifference.Problem? {
    if songs.count == top { return .songs(found: top + 1, most: top) }
    if let last = songs.last, count > lastStreams || (count == lastStreams && song <= last) {
      return song == last ? .repeatedSong(song) : .songOrder(place: songs.count + 1)
    }
    songs.append(song)
    lastStreams = count
    streams = streams.addingReportingOverflow(count).partialValue
    return nil
  }

  /// After the chart's last song: whether it has one twice.
  mutating func repetition() -> ChartDifference.Problem? {
    songs.sort()
    for index in songs.indices.dropFirst() where songs[index] == songs[index - 1] {
      return .repeatedSong(songs[index])
    }
    return nil
  }
}
