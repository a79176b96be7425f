internal import ChartmillCore
internal import ChartmillSystem
internal import Glibc

/// Reads a file of song titles, plain or gzip: CSV as in RFC 4180, with the columns `sng_id`,
/// `title` and `artist` and a heading.
///
/// Quotes in a field that does not begin with one are part of the text. Lines may end in `\r\n`.
///
/// Time: about 100 ns per line. Memory: a `TextLines`, and a record that spans several lines.
struct SongFile {
  /// A song of the file. The bytes of title and artist are valid only during the call that gets
  /// them.
  @safe struct Song {
    let id: UInt64
    let title: Field
    let artist: Field
  }

  /// A field as it is in the file, without the quotes around it.
  @safe struct Field {
    private let bytes: UnsafeRawBufferPointer
    /// Whether each pair of quotes in it means one quote.
    private let isQuoted: Bool

    fileprivate init(_ bytes: UnsafeRawBufferPointer, isQuoted: Bool) {
      unsafe self.bytes = unsafe bytes
      self.isQuoted = isQuoted
    }

    var count: Int { unsafe bytes.count }

    /// Appends the text to a buffer.
    func append(to text: inout [UInt8]) {
      guard isQuoted else { return unsafe text.append(contentsOf: bytes) }
      var isSecond = false
      for index in unsafe bytes.indices {
        let byte = unsafe bytes[index]
        isSecond = byte == UInt8(ascii: "\"") && !isSecond
        if !isSecond { text.append(byte) }
      }
    }
  }

  /// The maximum size of a title or an artist as it is in the file, in bytes.
  static let maxFieldBytes = 4095
  /// The maximum size of a line or of a record that spans several lines, in bytes.
  private static let maxRecordBytes = 64 << 10

  /// Reads a file to its end.
  ///
  /// - Parameters:
  ///   - onSong: called with each song.
  ///   - onBadLine: called with the number of each line that is left out.
  /// - Throws: `SideInputError` for a file without the heading, for a quote that is not closed, and
  ///   for damaged gzip; `SystemError`; `Interrupted`; what the closures throw.
  static func read(
    _ path: String, onSong: (Song) throws -> Void, onBadLine: (Int, SongLineProblem) -> Void
  ) throws {
    try SideInputError.withLines(of: path, maxLineBytes: maxRecordBytes) { lines, path in
      try skipHeading(lines, path)
      var joined: [UInt8] = []
      while let line = try unsafe lines.next() {
        if lines.number & 0xffff == 0 { try StopRequest.check() }
        if unsafe trimmed(line).isEmpty { continue }
        let number = lines.number
        switch unsafe parse(line) {
        case .song(let song): try onSong(song)
        case .bad(let problem): onBadLine(number, problem)
        case .open:
          // A quoted field has a line end in it.
          joined.removeAll(keepingCapacity: true)
          unsafe joined.append(contentsOf: line)
          try join(lines, into: &joined, from: number, path, onSong, onBadLine)
        }
      }
    }
  }

  private static func skipHeading(_ lines: TextLines, _ path: String) throws {
    guard let line = try unsafe lines.next() else {
      throw SideInputError(path: path, line: 1, .noHeading)
    }
    var heading = unsafe trimmed(line)
    if unsafe heading.starts(with: LogFormat.byteOrderMark) {
      unsafe heading = unsafe UnsafeRawBufferPointer(rebasing: heading[3...])
    }
    guard unsafe heading.elementsEqual(SongTitles.heading.utf8) else {
      throw SideInputError(path: path, line: 1, .noHeading)
    }
  }

  /// Appends lines to the first line of a record until the record is complete.
  private static func join(
    _ lines: TextLines, into joined: inout [UInt8], from number: Int, _ path: String,
    _ onSong: (Song) throws -> Void, _ onBadLine: (Int, SongLineProblem) -> Void
  ) throws {
    while let line = try unsafe lines.next(), joined.count + line.count < maxRecordBytes {
      joined.append(UInt8(ascii: "\n"))
      unsafe joined.append(contentsOf: line)
      // Only a quote can close the field.
      guard unsafe line.contains(UInt8(ascii: "\"")) else { continue }
      let isComplete = try unsafe joined.withUnsafeBytes { bytes in
        switch unsafe parse(bytes) {
        case .song(let song): try onSong(song)
        case .bad(let problem): onBadLine(number, problem)
        case .open: return false
        }
        return true
      }
      if isComplete { return }
    }
    throw SideInputError(path: path, line: number, .openQuote)
  }

  private enum Parsed {
    case song(Song)
    case bad(SongLineProblem)
    /// A quoted field has no end.
    case open
  }

  private static func parse(_ line: UnsafeRawBufferPointer) -> Parsed {
    let line = unsafe trimmed(line)
    var index = 0
    guard let id = unsafe number(line, &index) else { return .bad(.id) }
    guard let title = unsafe field(line, &index, isLast: false) else { return .bad(.fields) }
    if case .open = title { return .open }
    guard let artist = unsafe field(line, &index, isLast: true) else { return .bad(.fields) }
    guard case .complete(let title) = title, case .complete(let artist) = artist else {
      return .open
    }
    guard max(title.count, artist.count) <= maxFieldBytes else { return .bad(.tooLong) }
    return .song(Song(id: id, title: title, artist: artist))
  }

  /// The line without a carriage return at its end.
  private static func trimmed(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    unsafe line.last == UInt8(ascii: "\r")
      ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
  }

  /// The id with the comma after it; nil if it is not a number up to 2^63 − 1.
  private static func number(_ line: UnsafeRawBufferPointer, _ index: inout Int) -> UInt64? {
    let isQuoted = unsafe line.first == UInt8(ascii: "\"")
    if isQuoted { index += 1 }
    let start = index
    while index < line.count, unsafe line[index] &- UInt8(ascii: "0") <= 9 { index += 1 }
    let digits = unsafe UnsafeRawBufferPointer(rebasing: line[start..<index])
    guard let value = unsafe DecimalID.value(digits) else { return nil }
    if isQuoted {
      guard index < line.count, unsafe line[index] == UInt8(ascii: "\"") else { return nil }
      index += 1
    }
    guard index < line.count, unsafe line[index] == UInt8(ascii: ",") else { return nil }
    index += 1
    return value
  }

  private enum ParsedField {
    case complete(Field)
    case open
  }

  /// The next field with the comma after it, or with the end of the line if it is the last one; nil
  /// if something else follows.
  private static func field(
    _ line: UnsafeRawBufferPointer, _ index: inout Int, isLast: Bool
  ) -> ParsedField? {
    let isQuoted = unsafe index < line.count && line[index] == UInt8(ascii: "\"")
    let start = isQuoted ? index + 1 : index
    var end = start
    if isQuoted {
      while true {
        guard let quote = unsafe find(UInt8(ascii: "\""), line, from: end) else { return .open }
        end = quote
        guard end + 1 < line.count, unsafe line[end + 1] == UInt8(ascii: "\"") else { break }
        end += 2
      }
      index = end + 1
    } else {
      end = unsafe find(UInt8(ascii: ","), line, from: start) ?? line.count
      index = end
    }
    if isLast {
      guard index == line.count else { return nil }
    } else {
      guard index < line.count, unsafe line[index] == UInt8(ascii: ",") else { return nil }
      index += 1
    }
    return unsafe .complete(
      Field(UnsafeRawBufferPointer(rebasing: line[start..<end]), isQuoted: isQuoted))
  }

  private static func find(
    _ byte: UInt8, _ line: UnsafeRawBufferPointer, from start: Int
  ) -> Int? {
    guard start < line.count, let base = line.baseAddress,
      let found = unsafe memchr(base + start, Int32(byte), line.count - start)
    else { return nil }
    return unsafe UnsafeRawPointer(found) - base
  }
}

/// Why a line of a file of song titles is left out.
package enum SongLineProblem: Sendable, Equatable {
  /// The line does not begin with a song id and a comma.
  case id
  /// There are not exactly three fields.
  case fields
  /// The title or the artist is longer than `SongFile.maxFieldBytes`.
  case tooLong
}
