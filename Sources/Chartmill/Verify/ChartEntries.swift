/// The charts of a published file, one after another, in the one way each format may write them.
struct ChartEntries {
  let lines: ChartLines
  private let format: ChartFormat
  private let kind: ChartKey.Kind
  /// Of the chart that `next` returned last.
  private(set) var line = 0
  private(set) var count = 0
  private var songs: SongListChecker
  private var isBegun = false
  /// Of CSV: the first row of the next chart.
  private var pending: Row?

  private struct Row {
    var line: Int
    var key: UInt64
    var rank: UInt64
    var song: UInt64
    var streams: UInt64
  }

  init(_ lines: ChartLines, _ format: ChartFormat, _ kind: ChartKey.Kind, top: Int) {
    self.lines = lines
    self.format = format
    self.kind = kind
    songs = SongListChecker(top: top)
  }

  /// Streams of all charts so far.
  var streams: UInt64 { songs.streams }

  /// Reads the next chart and checks its songs; returns its key, a user's id or a country as
  /// `ChartLineParser.country`, or nil at the end.
  mutating func next() throws(VerifyError) -> UInt64? {
    songs.begin()
    let key: UInt64?
    switch format {
    case .text: key = try nextText()
    case .jsonl: key = try nextObject()
    case .csv: key = try nextRows()
    }
    if key != nil {
      count += 1
      if let problem = songs.repetition() { throw difference(problem) }
    }
    return key
  }

  func difference(_ problem: ChartDifference.Problem) -> VerifyError {
    .differs(ChartDifference(path: lines.path, line: line, problem: problem))
  }

  private mutating func nextText() throws(VerifyError) -> UInt64? {
    guard let bytes = try lines.next() else { return nil }
    line = lines.line
    var parser = ChartLineParser(bytes)
    let key = try key(&parser)
    try take("|", &parser)
    repeat {
      let song = try number(&parser)
      try take(":", &parser)
      try add(song, try streams(&parser))
    } while parser.take(",")
    try end(parser)
    return key
  }

  private mutating func nextObject() throws(VerifyError) -> UInt64? {
    guard let bytes = try lines.next() else { return nil }
    line = lines.line
    var parser = ChartLineParser(bytes)
    try take(kind == .user ? "{\"user_id\":" : "{\"country\":\"", &parser)
    let key = try key(&parser)
    try take(kind == .user ? ",\"chart\":[" : "\",\"chart\":[", &parser)
    repeat {
      try take("{\"sng_id\":", &parser)
      let song = try number(&parser)
      try take(",\"streams\":", &parser)
      try add(song, try streams(&parser))
      try take("}", &parser)
    } while parser.take(",")
    try take("]}", &parser)
    try end(parser)
    return key
  }

  private mutating func nextRows() throws(VerifyError) -> UInt64? {
    if !isBegun {
      try lines.skipHeader(format.chartHeader(kind))
      isBegun = true
    }
    var following: Row?
    if let pending {
      following = pending
    } else {
      following = try nextRow()
    }
    pending = nil
    guard let first = following else { return nil }
    line = first.line
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
    return first.key
  }

  private mutating func nextRow() throws(VerifyError) -> Row? {
    guard let bytes = try lines.next() else { return nil }
    var parser = ChartLineParser(bytes)
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

  private mutating func add(_ song: UInt64, _ streams: UInt64) throws(VerifyError) {
    if let problem = songs.add(song, streams) { throw lines.difference(problem) }
  }

  private func key(_ parser: inout ChartLineParser) throws(VerifyError) -> UInt64 {
    guard let key = kind == .user ? parser.number() : parser.country() else {
      throw lines.difference(.syntax(column: parser.column))
    }
    return key
  }

  private func number(_ parser: inout ChartLineParser) throws(VerifyError) -> UInt64 {
    guard let number = parser.number() else {
      throw lines.difference(.syntax(column: parser.column))
    }
    return number
  }

  private func streams(_ parser: inout ChartLineParser) throws(VerifyError) -> UInt64 {
    let column = parser.column
    let streams = try number(&parser)
    guard streams >= 1 else { throw lines.difference(.syntax(column: column)) }
    return streams
  }

  private func take(_ text: StaticString, _ parser: inout ChartLineParser) throws(VerifyError) {
    guard parser.take(text) else { throw lines.difference(.syntax(column: parser.column)) }
  }

  private func end(_ parser: ChartLineParser) throws(VerifyError) {
    guard parser.isAtEnd else { throw lines.difference(.syntax(column: parser.column)) }
  }
}

/// The users of a file that says their countries.
struct HomeEntries {
  let lines: ChartLines
  private let format: ChartFormat
  private(set) var count = 0
  private var isBegun = false

  init(_ lines: ChartLines, _ format: ChartFormat) {
    self.lines = lines
    self.format = format
  }

  /// The user of the next line; nil at the end.
  mutating func next() throws(VerifyError) -> UInt64? {
    if !isBegun {
      try lines.skipHeader(format.homeHeader)
      isBegun = true
    }
    guard let bytes = try lines.next() else { return nil }
    var parser = ChartLineParser(bytes)
    let (before, between, after): (StaticString, StaticString, StaticString) =
      switch format {
      case .text: ("", "|", "")
      case .csv: ("", ",", "")
      case .jsonl: ("{\"user_id\":", ",\"country\":\"", "\"}")
      }
    guard parser.take(before), let user = parser.number(), parser.take(between),
      parser.country() != nil, parser.take(after), parser.isAtEnd
    else { throw lines.difference(.syntax(column: parser.column)) }
    count += 1
    return user
  }
}
