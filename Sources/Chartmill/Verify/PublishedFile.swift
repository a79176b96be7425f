/// One file that a manifest names, and the checks of its kind.
struct PublishedFile {
  let entry: Manifest.Output
  private let lines: ChartLines
  private let storedBytes: Int

  init(_ entry: Manifest.Output, path: String, mostLineBytes: Int) throws(VerifyError) {
    self.entry = entry
    do {
      let file = try LogFile(path: path)
      storedBytes = file.byteCount
      lines = try ChartLines(file, mostLineBytes: mostLineBytes)
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

  /// Charts ascending by country.
  func checkCountries(_ manifest: Manifest, count: Int) throws(VerifyError) {
    var charts = ChartEntries(lines, manifest.chartFormat, .country, top: manifest.top)
    var last: UInt64?
    while let country = try charts.next() {
      if let last, last >= country {
        throw charts.difference(last == country ? .repeatedKey : .keyOrder)
      }
      last = country
    }
    try checkWhole()
    try check(charts.count, charts.streams, count, manifest)
  }

  /// Charts partition by partition, ascending by user inside each; and beside it, line by line, the
  /// countries of the same users.
  func checkUsers(homes: PublishedFile, _ manifest: Manifest) throws(VerifyError) {
    let scheme = PartitionScheme(partitions: manifest.partitions)
    var charts = ChartEntries(lines, manifest.chartFormat, .user, top: manifest.top)
    var users = HomeEntries(homes.lines, manifest.chartFormat)
    var last: (UInt64, UInt64)?
    while let user = try charts.next() {
      let place = scheme.splitUser(user)
      if let last, last >= place {
        throw charts.difference(last == place ? .repeatedKey : .keyOrder)
      }
      last = place
      guard let home = try users.next() else {
        throw charts.difference(.otherUser(in: homes.entry.name))
      }
      guard home == user else { throw homes.lines.difference(.otherUser(in: entry.name)) }
    }
    if try users.next() != nil { throw homes.lines.difference(.otherUser(in: entry.name)) }
    try checkWhole()
    try homes.checkWhole()
    try check(charts.count, charts.streams, manifest.totals.users, manifest)
  }

  private func check(
    _ count: Int, _ streams: UInt64, _ expected: Int, _ manifest: Manifest
  ) throws(VerifyError) {
    if count != expected { throw difference(.entries(found: count, expected: expected)) }
    let most = manifest.totals.streams
    if streams > UInt64(most) { throw difference(.streams(found: streams, most: most)) }
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
