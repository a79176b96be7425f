internal import ChartmillCore
internal import ChartmillModel

/// Reads the charts of a published file, from its beginning or from a later chart on, one after
/// another. `Key` is a user id or a country.
///
/// Memory: a `ChartLines` and one chart.
struct ChartEntries<Key: Comparable> {
  private typealias ParseKey =
    (inout ChartLineParser, ChartFormat) throws(ChartDifference.Problem) -> Key

  let lines: ChartLines
  private let format: ChartFormat
  private let kind: ChartKey.Kind
  private let parseKey: ParseKey
  /// The number of the line in which the last chart began.
  private(set) var line = 0
  /// The number of charts so far.
  private(set) var count = 0
  private var checker: SongListChecker
  private var needsHeader: Bool
  /// The first row of the next chart; CSV only.
  private var pending: Row?

  private struct Row {
    let line: Int
    let key: Key
    let rest: ChartLineParser.Row
  }

  private init(
    _ lines: ChartLines, _ format: ChartFormat, _ kind: ChartKey.Kind, top: Int,
    _ parseKey: @escaping ParseKey
  ) {
    self.lines = lines
    self.format = format
    self.kind = kind
    self.parseKey = parseKey
    checker = SongListChecker(top: top)
    needsHeader = lines.offset == 0 && lines.line == 0
  }

  /// The songs of the last chart.
  var songs: [ChartedSong] { checker.songs }
  /// The streams of all charts so far; `UInt64.max` if their sum does not fit.
  var streams: UInt64 { checker.streams }

  /// Reads the next chart and checks its songs; returns its key, or nil at the end.
  ///
  /// - Parameter isWanted: whether the chart of a key is wanted. Otherwise its songs are skipped,
  ///   and `songs` and `streams` stay as they are.
  /// - Throws: `ChartsError.differs`, and what `ChartLines` throws.
  mutating func next(where isWanted: (Key) -> Bool = { _ in true }) throws -> Key? {
    if needsHeader { try lines.skipHeader(format.chartHeader(kind)) }
    needsHeader = false
    let key = try format == .csv ? nextRows(isWanted) : nextLine(isWanted)
    if key != nil { count += 1 }
    return key
  }

  /// The error for a difference in the line in which the last chart began.
  func difference(_ problem: ChartDifference.Problem) -> ChartsError {
    lines.difference(problem, line: line)
  }

  /// Reads a chart that takes one line.
  private mutating func nextLine(_ isWanted: (Key) -> Bool) throws -> Key? {
    guard let bytes = try unsafe lines.next() else { return nil }
    line = lines.line
    var parser = unsafe ChartLineParser(bytes)
    do throws(ChartDifference.Problem) {
      let key = try parseKey(&parser, format)
      if isWanted(key) { try parser.songs(format, into: &checker) }
      return key
    } catch {
      throw lines.difference(error)
    }
  }

  /// Reads a chart that takes one row per song.
  private mutating func nextRows(_ isWanted: (Key) -> Bool) throws -> Key? {
    var following = try pending ?? nextRow()
    pending = nil
    guard let first = following else { return nil }
    line = first.line
    guard isWanted(first.key) else {
      repeat { following = try nextRow() } while following?.key == first.key
      pending = following
      return first.key
    }
    checker.begin()
    var rank: UInt64 = 0
    while let row = following {
      if row.key != first.key || (row.rest.rank == 1 && rank > 0) {
        pending = row
        break
      }
      rank += 1
      guard row.rest.rank == rank else { throw lines.difference(.songOrder(place: Int(rank))) }
      do {
        try checker.add(row.rest.song, row.rest.streams)
      } catch {
        throw lines.difference(error)
      }
      following = try nextRow()
    }
    do {
      try checker.checkRepetition()
    } catch {
      throw difference(error)
    }
    return first.key
  }

  private func nextRow() throws -> Row? {
    guard let bytes = try unsafe lines.next() else { return nil }
    var parser = unsafe ChartLineParser(bytes)
    do throws(ChartDifference.Problem) {
      return Row(line: lines.line, key: try parseKey(&parser, format), rest: try parser.row())
    } catch {
      throw lines.difference(error)
    }
  }
}

extension ChartEntries<UInt64> {
  /// The user charts from `offset` on. A chart must begin there.
  static func users(_ file: PublishedFile, from offset: Int = 0) throws -> Self {
    users(file, try file.lines(from: offset))
  }

  /// - Parameter lines: lines of that file, from its beginning or from the beginning of a chart.
  static func users(_ file: PublishedFile, _ lines: ChartLines) -> Self {
    Self(lines, file.format, .user, top: file.top) { line, format throws(ChartDifference.Problem) in
      try line.user(format)
    }
  }
}

extension ChartEntries<CountryCode> {
  /// The country charts of a file.
  static func countries(_ file: PublishedFile) throws -> Self {
    Self(try file.lines(), file.format, .country, top: file.top) {
      line, format throws(ChartDifference.Problem) in
      try line.country(format)
    }
  }
}

/// Reads the lines of a published file of user countries, from its beginning or from a later line
/// on, one after another.
struct UserCountryEntries {
  let lines: ChartLines
  private let format: ChartFormat
  private var needsHeader: Bool

  init(_ file: PublishedFile, from offset: Int = 0) throws {
    self.init(file, try file.lines(from: offset))
  }

  /// - Parameter lines: lines of that file, from any line on.
  init(_ file: PublishedFile, _ lines: ChartLines) {
    self.lines = lines
    format = file.format
    needsHeader = lines.offset == 0 && lines.line == 0
  }

  /// The user and the country of the next line; nil at the end.
  ///
  /// - Throws: `ChartsError.differs`, and what `ChartLines` throws.
  mutating func next() throws -> (user: UInt64, country: CountryCode)? {
    if needsHeader { try lines.skipHeader(format.userCountryHeader) }
    needsHeader = false
    guard let bytes = try unsafe lines.next() else { return nil }
    var parser = unsafe ChartLineParser(bytes)
    do {
      return try parser.userCountry(format)
    } catch {
      throw lines.difference(error)
    }
  }
}
