internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// Reads published files to their ends and checks them.
enum FileVerifier {
  /// Checks a file of country charts.
  ///
  /// - Parameter count: the number of countries that it must have.
  /// - Throws: `ChartsError.differs` for the first difference.
  static func checkCountries(
    _ file: PublishedFile, _ manifest: Manifest, _ manifestFile: ManifestFile, count: Int
  ) throws {
    var reader = try CountryChartReader(file, manifest, manifestFile)
    while try reader.next() != nil {}
    try checkComplete(file, reader.entries.lines, reader.entries.count, of: count)
  }

  /// Checks the file of user charts and the file of user countries. Both must have the same users,
  /// ascending within each partition.
  ///
  /// - Throws: `ChartsError.differs` for the first difference.
  static func checkUsers(
    _ charts: PublishedFile, _ userCountries: PublishedFile, _ manifest: Manifest
  ) throws {
    var entries = try ChartEntries.users(charts)
    var userCountryEntries = try UserCountryEntries(userCountries)
    let scheme = PartitionScheme(partitions: manifest.partitions)
    var firstUsers = [UInt64?](repeating: nil, count: scheme.count)
    var last: (partition: UInt64, quotient: UInt64)?
    var listed = ListedStreams(top: manifest.top)
    var streams: UInt64 = 0
    while let user = try entries.next() {
      let place = scheme.splitUser(user)
      if let last, last >= place {
        throw entries.difference(last == place ? .repeatedKey : .keyOrder)
      }
      if place.partition != last?.partition { firstUsers[Int(place.partition)] = user }
      last = place
      listed.add(entries.streams - streams, songs: entries.songs.count)
      streams = entries.streams
      guard let userCountry = try userCountryEntries.next() else {
        throw entries.difference(.otherUser(in: userCountries.entry.name))
      }
      guard userCountry.user == user else {
        throw userCountryEntries.lines.difference(.otherUser(in: charts.entry.name))
      }
    }
    if try userCountryEntries.next() != nil {
      throw userCountryEntries.lines.difference(.otherUser(in: charts.entry.name))
    }
    let users = manifest.totals.users
    try checkComplete(charts, entries.lines, entries.count, of: users)
    try checkComplete(userCountries, userCountryEntries.lines, entries.count, of: users)
    try charts.check(entries.streams, max: manifest.totals.streams)
    guard listed.fit(manifest.totals.usersByStreams) else {
      throw charts.difference(.usersByStreams)
    }
    // Reading from the start of each partition, as a lookup does, checks `partitionStarts`.
    for partition in 0..<scheme.count {
      var found: [UInt64?] = [nil, nil]
      if let start = charts.start(of: partition) {
        var entries = try ChartEntries.users(charts, from: start)
        found[0] = try entries.next()
      }
      if let start = userCountries.start(of: partition) {
        var entries = try UserCountryEntries(userCountries, from: start)
        found[1] = try entries.next()?.user
      }
      for (file, user) in zip([charts, userCountries], found) {
        // A first partition without users may still hold the header. The next line then belongs to
        // a later partition.
        let isOwn = user.map { Int(scheme.splitUser($0).partition) == partition } ?? false
        if (isOwn ? user : nil) != firstUsers[partition] || (user != nil && !isOwn && partition > 0)
        {
          throw file.difference(.partitionStart(partition))
        }
      }
    }
  }

  /// Compares the size, lines, entries and CRC with the manifest. Call it after the last line was
  /// read.
  static func checkComplete(
    _ file: PublishedFile, _ lines: ChartLines, _ count: Int, of expected: Int
  ) throws {
    try file.checkSize()
    let entry = file.entry
    if lines.line != entry.lines {
      throw file.difference(.lines(found: lines.line, expected: entry.lines))
    }
    if count != expected { throw file.difference(.entries(found: count, expected: expected)) }
    if lines.checksum.hex != entry.crc32 {
      throw file.difference(.checksum(found: lines.checksum.hex, expected: entry.crc32))
    }
  }
}

/// The streams of users as far as their charts show them. A chart with fewer than `top` songs shows
/// all streams of its user, and a full chart shows a minimum.
private struct ListedStreams {
  private let top: Int
  /// The users whose streams are known exactly.
  private var exact = StreamHistogram()
  /// All users, by the streams that their charts show.
  private var all = StreamHistogram()

  init(top: Int) {
    self.top = top
  }

  mutating func add(_ streams: UInt64, songs: Int) {
    // Larger numbers are reported by the check of the sum of all streams.
    guard (1...UInt64(Int.max)).contains(streams) else { return }
    all.add(userWith: streams)
    if songs < top { exact.add(userWith: streams) }
  }

  /// Whether `users`, the histogram of the manifest, is consistent with the charts. Each bucket
  /// must hold at least the users that are known exactly. Each bucket and those above it together
  /// must hold at least the users that the charts show there.
  func fit(_ users: [Int]) -> Bool {
    let (exact, all) = (exact.users, all.users)
    guard all.count <= users.count else { return false }
    var (claimed, listed) = (0, 0)
    for bucket in users.indices.reversed() {
      claimed += users[bucket]
      if bucket < all.count { listed += all[bucket] }
      if claimed < listed || (bucket < exact.count && users[bucket] < exact[bucket]) {
        return false
      }
    }
    return true
  }
}
