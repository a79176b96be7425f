internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// Reads published files to their ends, with the checks of their kinds.
enum FileVerifier {
  /// Charts ascending by country.
  ///
  /// - Parameter count: of countries.
  static func checkCountries(
    _ file: PublishedFile, _ manifest: Manifest, count: Int
  ) throws {
    var reader = try CountryChartReader(file, manifest)
    while try reader.next() != nil {}
    try checkWhole(file, reader.entries.lines, reader.entries.count, of: count)
  }

  /// Charts partition by partition, ascending by user inside each; and beside it, line by line, the
  /// countries of the same users.
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
    try checkWhole(charts, entries.lines, entries.count, of: users)
    try checkWhole(userCountries, userCountryEntries.lines, entries.count, of: users)
    try charts.check(entries.streams, most: manifest.totals.streams)
    guard listed.fit(manifest.totals.usersByStreams) else {
      throw charts.difference(.usersByStreams)
    }
    // Each partition is entered where the manifest says that it begins, as a lookup does.
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
        // A part that holds only the names of columns is followed by the next one's users.
        let isOwn = user.map { Int(scheme.splitUser($0).partition) == partition } ?? false
        if (isOwn ? user : nil) != firstUsers[partition] || (user != nil && !isOwn && partition > 0)
        {
          throw file.difference(.partitionStart(partition))
        }
      }
    }
  }

  /// What can be said once the last line is read.
  private static func checkWhole(
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

/// What user charts say of the streams of their users: of a chart that is not full, how many they are;
/// of a full one, how many they are at least.
private struct ListedStreams {
  private let top: Int
  private var exact = StreamHistogram()
  private var all = StreamHistogram()

  init(top: Int) {
    self.top = top
  }

  mutating func add(_ streams: UInt64, songs: Int) {
    // Sums beyond that are told as such.
    guard (1...UInt64(Int.max)).contains(streams) else { return }
    all.add(userWith: streams)
    if songs < top { exact.add(userWith: streams) }
  }

  /// Whether those may be the users by streams: no bucket with fewer than are in it for certain, and
  /// from none on fewer than are listed there.
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
