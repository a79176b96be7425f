internal import ChartmillCore
internal import ChartmillModel

/// The charts of a published file, or of its rest, one after another, in the one way each format may
/// write them. `Key` is a user's id or a country.
///
/// Memory: that of `ChartLines`, and one chart.
struct ChartEntries<Key: Comparable> {
  let lines: ChartLines
  private let format: ChartFormat
  private let kind: ChartKey.Kind
  private let parseKey: (inout ChartLineParser) -> Key?
  /// Where the chart that `next` returned last begins.
  private(set) var line = 0
  private(set) var count = 0
  private var checker: SongListChecker
  private var needsHeader: Bool
  /// Of CSV: the first row of the next chart.
  private var pending: Row?

  private struct Row {
    var line: Int
    var key: Key
    var rank: UInt64
    var song: UInt64
    var streams: UInt64
  }

  private init(
    _ lines: ChartLines, _ format: ChartFormat, _ kind: ChartKey.Kind, top: Int,
    _ parseKey: @escaping (inout ChartLineParser) -> Key?
  ) {
    self.lines = lines
    self.format = format
    self.kind = kind
    self.parseKey = parseKey
    checker = SongListChecker(top: top)
    needsHeader = lines.offset == 0 && lines.line == 0
  }

  /// Of the chart that `next` returned last.
  var songs: [ChartedSong] { checker.songs }
  /// Streams of all charts so far.
  var streams: UInt64 { checker.streams }

  /// Reads the next chart and checks its songs; returns its key, or nil at the end.
  mutating func next() throws -> Key? {
    if needsHeader { try lines.skipHeader(format.chartHeader(kind)) }
    needsHeader = false
    let key =
      switch format {
      case .text: try nextText()
      case .jsonl: try nextObject()
      case .csv: try nextRows()
      }
    if key != nil { count += 1 }
    return key
  }

  func difference(_ problem: ChartDifference.Problem) -> ChartsError {
    lines.difference(problem, line: line)
  }

  private mutating func nextText() throws -> Key? {
    guard let bytes = try unsafe lines.next() else { return nil }
    line = lines.line
    var parser = unsafe ChartLineParser(bytes)
    let key = try key(&parser)
    try take("|", &parser)
    if let problem = checker.check(&parser) { throw lines.difference(problem) }
    return key
  }

  private mutating func nextObject() throws -> Key? {
    guard let bytes = try unsafe lines.next() else { return nil }
    line = lines.line
    var parser = unsafe ChartLineParser(bytes)
    try take(kind == .user ? "{\"user_id\":" : "{\"country\":\"", &parser)
    let key = try key(&parser)
    try take(kind == .user ? ",\"chart\":[" : "\",\"chart\":[", &parser)
    checker.begin()
    repeat {
      try take("{\"sng_id\":", &parser)
      let song = try number(&parser)
      try take(",\"streams\":", &parser)
      try add(song, try streams(&parser))
      try take("}", &parser)
    } while parser.take(",")
    try take("]}", &parser)
    try end(parser)
    try checkRepetition()
    return key
  }

  private mutating func nextRows() throws -> Key? {
    var following: Row?
    if let pending {
      following = pending
    } else {
      following = try nextRow()
    }
    pending = nil
    guard let first = following else { return nil }
    line = first.line
    checker.begin()
    var rank: UInt64 = 0
    while let row = following {
      if row.key != first.key || (row.rank == 1 && rank > 0) {
        pending = row
        break
      }
      rank += 1
      guard row.rank == rank else { throw lines.difference(.songOrder(place: Int(rank))) }
      try add(row.song, row.streams)
      following = try nextRow()
    }
    try checkRepetition()
    return first.key
  }

  private mutating func nextRow() throws -> Row? {
    guard let bytes = try unsafe lines.next() else { return nil }
    var parser = unsafe ChartLineParser(bytes)
    var row = Row(line: lines.line, key: try key(&parser), rank: 0, song: 0, streams: 0)
    try take(",", &parser)
    row.rank = try number(&parser)
    try take(",", &parser)
    row.song = try number(&parser)
    try take(",", &parser)
    row.streams = try streams(&parser)
    try end(parser)
    return row
  }

  private mutating func add(_ song: UInt64, _ streams: UInt64) throws {
    if let problem = checker.add(song, streams) { throw lines.difference(problem) }
  }

  private mutating func checkRepetition() throws {
    if let problem = checker.repetition() { throw difference(problem) }
  }

  private func key(_ parser: inout ChartLineParser) throws -> Key {
    guard let key = parseKey(&parser) else {
      throw lines.difference(.syntax(column: parser.column))
    }
    return key
  }

  private func number(_ parser: inout ChartLineParser) throws -> UInt64 {
    guard let number = parser.number() else {
      throw lines.difference(.syntax(column: parser.column))
    }
    return number
  }

  private func streams(_ parser: inout ChartLineParser) throws -> UInt64 {
    let column = parser.column
    let streams = try number(&parser)
    guard streams >= 1 else { throw lines.difference(.syntax(column: column)) }
    return streams
  }

  private func take(_ text: StaticString, _ parser: inout ChartLineParser) throws {
    guard parser.take(text) else { throw lines.difference(.syntax(column: parser.column)) }
  }

  private func end(_ parser: ChartLineParser) throws {
    guard parser.isAtEnd else { throw lines.difference(.syntax(column: parser.column)) }
  }
}

extension ChartEntries<UInt64> {
  static func users(_ file: PublishedFile, from offset: Int = 0) throws -> Self {
    users(file, try file.lines(from: offset))
  }

  /// - Parameter lines: of that file, from the beginning or where a chart begins.
  static func users(_ file: PublishedFile, _ lines: ChartLines) -> Self {
    Self(lines, file.format, .user, top: file.top) { $0.number() }
  }
}

extension ChartEntries<CountryCode> {
  static func countries(_ file: PublishedFile) throws -> Self {
    Self(try file.lines(), file.format, .country, top: file.top) { $0.country() }
  }
}

/// The users of a file that says their countries, or of its rest.
struct UserCountryEntries {
  let lines: ChartLines
  private let format: ChartFormat
  private var needsHeader: Bool

  init(_ file: PublishedFile, from offset: Int = 0) throws {
    self.init(file, try file.lines(from: offset))
  }

  /// - Parameter lines: of that file, from the beginning or any line behind.
  init(_ file: PublishedFile, _ lines: ChartLines) {
    self.lines = lines
    format = file.format
    needsHeader = lines.offset == 0 && lines.line == 0
  }

  /// What the next line says; nil at the end.
  mutating func next() throws -> (user: UInt64, country: CountryCode)? {
    if needsHeader { try lines.skipHeader(format.userCountryHeader) }
    needsHeader = false
    guard let bytes = try unsafe lines.next() else { return nil }
    var parser = unsafe ChartLineParser(bytes)
    let (before, between, after): (StaticString, StaticString, StaticString) =
      switch format {
      case .text: ("", "|", "")
      case .csv: ("", ",", "")
      case .jsonl: ("{\"user_id\":", ",\"country\":\"", "\"}")
      }
    guard parser.take(before), let user = parser.number(), parser.take(between),
      let country = parser.country(), parser.take(after), parser.isAtEnd
    else { throw lines.difference(.syntax(column: parser.column)) }
    return (user, country)
  }
}
