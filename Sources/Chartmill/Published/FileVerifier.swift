/// Reads a published file to its end, with the checks of its kind.
struct FileVerifier {
  private let file: PublishedFile
  private let lines: ChartLines

  private init(_ file: PublishedFile, _ lines: ChartLines) {
    self.file = file
    self.lines = lines
  }

  private init(_ file: PublishedFile) throws(ChartsError) {
    self.init(file, try file.lines())
  }

  /// `CC|song:streams,…`, ascending by country.
  static func checkCountries(
    _ file: PublishedFile, _ manifest: Manifest
  ) throws(ChartsError) {
    var reader = try CountryChartReader(file, manifest)
    while try reader.next() != nil {}
    try FileVerifier(file, reader.lines).checkWhole()
  }

  /// `USER|song:streams,…`, partition by partition, ascending by user inside each; and beside it,
  /// line by line, `USER|CC` of the same users.
  static func checkUsers(
    _ charts: PublishedFile, _ homes: PublishedFile, _ manifest: Manifest
  ) throws(ChartsError) {
    let (charts, homes) = (try FileVerifier(charts), try FileVerifier(homes))
    let scheme = PartitionScheme(partitions: manifest.partitions)
    var songs = SongListChecker(top: manifest.top)
    var firstUsers = [UInt64?](repeating: nil, count: scheme.count)
    var last: (partition: UInt64, quotient: UInt64)?
    while let line = try charts.lines.next() {
      var parser = ChartLineParser(line)
      guard let user = parser.userKey() else {
        throw charts.lines.difference(.syntax(column: parser.column))
      }
      let place = scheme.splitUser(user)
      if let last, last >= place {
        throw charts.lines.difference(last == place ? .repeatedKey : .keyOrder)
      }
      if place.partition != last?.partition { firstUsers[Int(place.partition)] = user }
      last = place
      if let problem = songs.check(&parser) { throw charts.lines.difference(problem) }
      guard let home = try homes.nextHome() else {
        throw charts.lines.difference(.otherUser(in: homes.file.entry.name))
      }
      guard home == user else {
        throw homes.lines.difference(.otherUser(in: charts.file.entry.name))
      }
    }
    if try homes.nextHome() != nil {
      throw homes.lines.difference(.otherUser(in: charts.file.entry.name))
    }
    try charts.checkWhole()
    try homes.checkWhole()
    try charts.file.check(songs.streams, most: manifest.totals.streams)
    try charts.checkStarts(firstUsers)
    try homes.checkStarts(firstUsers)
  }

  /// The user of the next `USER|CC`; nil at the end.
  private func nextHome() throws(ChartsError) -> UInt64? {
    guard let line = try lines.next() else { return nil }
    var parser = ChartLineParser(line)
    guard let user = parser.userKey(), parser.country() != nil, parser.isAtEnd else {
      throw lines.difference(.syntax(column: parser.column))
    }
    return user
  }

  /// What can be said once the last line is read.
  private func checkWhole() throws(ChartsError) {
    try file.checkSize()
    let entry = file.entry
    if lines.line != entry.lines {
      throw file.difference(.lines(found: lines.line, expected: entry.lines))
    }
    if lines.checksum.hex != entry.crc32 {
      throw file.difference(.checksum(found: lines.checksum.hex, expected: entry.crc32))
    }
  }

  /// Enters each partition where the manifest says that it begins, as a lookup does.
  ///
  /// - Parameter firstUsers: of each partition, nil when it is empty.
  private func checkStarts(_ firstUsers: [UInt64?]) throws(ChartsError) {
    for (partition, expected) in firstUsers.enumerated() {
      let bytes = file.bytes(of: partition)
      let user = bytes.isEmpty ? nil : try firstUser(from: bytes.lowerBound)
      if user != expected { throw file.difference(.partitionStart(partition)) }
    }
  }

  private func firstUser(from offset: Int) throws(ChartsError) -> UInt64? {
    let lines = try file.lines(from: offset)
    guard let line = try lines.next() else { return nil }
    // The line is in a buffer of `lines`.
    return withExtendedLifetime(lines) {
      var parser = ChartLineParser(line)
      return parser.userKey()
    }
  }
}
