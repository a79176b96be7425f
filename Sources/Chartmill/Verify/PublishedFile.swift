/// One file that a manifest names, and the checks of its kind.
struct PublishedFile {
  let entry: Manifest.Output
  private let lines: ChartLines
  private let storedBytes: Int

  init(_ entry: Manifest.Output, path: String, top: Int) throws(VerifyError) {
    self.entry = entry
    do {
      let file = try LogFile(path: path)
      storedBytes = file.byteCount
      lines = try ChartLines(file, mostLineBytes: TextBuffer.mostLineBytes(top: top))
    } catch VerifyError.reading(.input(let error)) where error.isNotFound {
      throw .differs(ChartDifference(path: path, problem: .missing))
    } catch JobError.input(let error) where error.isNotFound {
      throw .differs(ChartDifference(path: path, problem: .missing))
    } catch let error as JobError {
      throw .reading(error)
    } catch let error as VerifyError {
      throw error
    } catch {
      preconditionFailure("unreachable: \(error)")
    }
  }

  /// `CC|song:streams,…`, ascending by country.
  mutating func checkCountries(top: Int, streams: Int) throws(VerifyError) {
    var songs = SongListChecker(top: top)
    var last: UInt64?
    while let line = try lines.next() {
      var parser = ChartLineParser(line)
      guard let country = parser.country(), parser.take(UInt8(ascii: "|")) else {
        throw lines.difference(.syntax(column: parser.column))
      }
      try follow(last.map { (0, $0) }, (0, country))
      last = country
      if let problem = songs.check(&parser) { throw lines.difference(problem) }
    }
    try checkWhole()
    try check(songs.streams, most: streams)
  }

  /// `USER|song:streams,…`, partition by partition, ascending by user inside each; and beside it,
  /// line by line, `USER|CC` of the same users.
  mutating func checkUsers(
    homes: inout PublishedFile, scheme: PartitionScheme, top: Int, streams: Int
  ) throws(VerifyError) {
    var songs = SongListChecker(top: top)
    var last: (UInt64, UInt64)?
    while let line = try lines.next() {
      var parser = ChartLineParser(line)
      guard let user = parser.number(), parser.take(UInt8(ascii: "|")) else {
        throw lines.difference(.syntax(column: parser.column))
      }
      let place = scheme.splitUser(user)
      try follow(last, place)
      last = place
      if let problem = songs.check(&parser) { throw lines.difference(problem) }
      guard let home = try homes.nextHome() else {
        throw lines.difference(.otherUser(in: homes.entry.name))
      }
      guard home == user else { throw homes.lines.difference(.otherUser(in: entry.name)) }
    }
    if try homes.nextHome() != nil {
      throw homes.lines.difference(.otherUser(in: entry.name))
    }
    try checkWhole()
    try homes.checkWhole()
    try check(songs.streams, most: streams)
  }

  /// The user of the next `USER|CC`; nil at the end.
  private mutating func nextHome() throws(VerifyError) -> UInt64? {
    guard let line = try lines.next() else { return nil }
    var parser = ChartLineParser(line)
    guard let user = parser.number(), parser.take(UInt8(ascii: "|")), parser.country() != nil,
      parser.isAtEnd
    else { throw lines.difference(.syntax(column: parser.column)) }
    return user
  }

  private func follow(
    _ last: (UInt64, UInt64)?, _ next: (UInt64, UInt64)
  ) throws(VerifyError) {
    guard let last, last >= next else { return }
    throw lines.difference(last == next ? .repeatedKey : .keyOrder)
  }

  private func check(_ streams: UInt64, most: Int) throws(VerifyError) {
    guard streams > UInt64(most) else { return }
    throw difference(.streams(found: streams, most: most))
  }

  /// What can be said once the last line is read.
  private func checkWhole() throws(VerifyError) {
    if storedBytes != entry.bytes {
      throw difference(.bytes(found: storedBytes, expected: entry.bytes))
    }
    if lines.line != entry.lines {
      throw difference(.lines(found: lines.line, expected: entry.lines))
    }
    if lines.checksum.hex != entry.crc32 {
      throw difference(.checksum(found: lines.checksum.hex, expected: entry.crc32))
    }
  }

  private func difference(_ problem: ChartDifference.Problem) -> VerifyError {
    .differs(ChartDifference(path: lines.path, problem: problem))
  }
}
