/// Reads one line of a chart, field by field, in the one way it may be written. With
/// `SongListChecker` the only place that knows how lines are written.
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

  mutating func country() -> CountryCode? {
    guard bytes.count - index >= 2, let code = CountryCode(bytes[index], bytes[index + 1]) else {
      return nil
    }
    index += 2
    return code
  }

  /// What a line of a user begins with.
  mutating func userKey() -> UInt64? {
    guard let user = number(), take(UInt8(ascii: "|")) else { return nil }
    return user
  }

  /// What a line of a country begins with.
  mutating func countryKey() -> CountryCode? {
    guard let country = country(), take(UInt8(ascii: "|")) else { return nil }
    return country
  }
}

/// Reads and checks the songs of chart lines. Memory: 24 bytes times `top`.
struct SongListChecker {
  private let top: Int
  /// Of the line that was read last, in its order.
  private(set) var songs: [ChartedSong] = []
  private var ids: [UInt64] = []
  /// Of all lines so far; the largest number when they are more.
  private(set) var streams: UInt64 = 0

  init(top: Int) {
    self.top = top
    songs.reserveCapacity(top)
    ids.reserveCapacity(top)
  }

  /// Reads `song:streams,…` to the end of the line; the problem, or nil.
  mutating func check(_ parser: inout ChartLineParser) -> ChartDifference.Problem? {
    songs.removeAll(keepingCapacity: true)
    ids.removeAll(keepingCapacity: true)
    repeat {
      let column = parser.column
      guard let song = parser.number() else { return .syntax(column: parser.column) }
      guard parser.take(UInt8(ascii: ":")) else { return .syntax(column: parser.column) }
      guard let count = parser.number() else { return .syntax(column: parser.column) }
      guard count >= 1 else { return .syntax(column: column) }
      if songs.count == top { return .songs(found: top + 1, most: top) }
      if let last = songs.last,
        count > last.streams || (count == last.streams && song <= last.song)
      {
        return song == last.song ? .repeatedSong(song) : .songOrder(place: songs.count + 1)
      }
      songs.append(ChartedSong(song: song, streams: count))
      ids.append(song)
      let (sum, overflows) = streams.addingReportingOverflow(count)
      streams = overflows ? .max : sum
    } while parser.take(UInt8(ascii: ","))
    guard parser.isAtEnd else { return .syntax(column: parser.column) }
    ids.sort()
    for index in ids.indices.dropFirst() where ids[index] == ids[index - 1] {
      return .repeatedSong(ids[index])
    }
    return nil
  }
}
