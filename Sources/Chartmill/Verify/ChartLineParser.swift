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

  mutating func take(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
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

/// Checks the songs of chart lines. Memory: 8 bytes times `top`.
struct SongListChecker {
  private let top: Int
  private var songs: [UInt64] = []
  /// Of all lines so far.
  private(set) var streams: UInt64 = 0

  init(top: Int) {
    self.top = top
    songs.reserveCapacity(top)
  }

  /// Reads `song:streams,…` to the end of the line; the problem, or nil.
  mutating func check(_ parser: inout ChartLineParser) -> ChartDifference.Problem? {
    songs.removeAll(keepingCapacity: true)
    var last: (song: UInt64, streams: UInt64)?
    repeat {
      let column = parser.column
      guard let song = parser.number() else { return .syntax(column: parser.column) }
      guard parser.take(UInt8(ascii: ":")) else { return .syntax(column: parser.column) }
      guard let count = parser.number() else { return .syntax(column: parser.column) }
      guard count >= 1 else { return .syntax(column: column) }
      if songs.count == top { return .songs(found: top + 1, most: top) }
      if let last, count > last.streams || (count == last.streams && song <= last.song) {
        return song == last.song ? .repeatedSong(song) : .songOrder(place: songs.count + 1)
      }
      last = (song, count)
      songs.append(song)
      streams = streams.addingReportingOverflow(count).partialValue
    } while parser.take(UInt8(ascii: ","))
    guard parser.isAtEnd else { return .syntax(column: parser.column) }
    songs.sort()
    for index in songs.indices.dropFirst() where songs[index] == songs[index - 1] {
      return .repeatedSong(songs[index])
    }
    return nil
  }
}
