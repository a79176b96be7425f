internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// Reads the two user files of one date side by side: each user's chart and country, in the order
/// of the files. Users between those that are wanted are skipped without parsing their songs.
///
/// Memory: two `ChartLines` and one chart.
struct PublishedUsers {
  struct User {
    let id: UInt64
    let country: CountryCode
    let chart: [ChartedSong]
  }

  private let charts: PublishedFile
  private let countries: PublishedFile
  private let scheme: PartitionScheme
  private let totals: Manifest.Totals
  /// The partition at which the readers began; nil before the first user.
  private var partition: Int?
  private var entries: ChartEntries<UInt64>
  private var countryEntries: UserCountryEntries
  /// The place of the last user that was read.
  private var place: UInt64?
  /// The last user, if the songs were read.
  private var user: User?
  private var isAtEnd = false

  /// - Throws: `ChartsError`, `SystemError`.
  init(_ folder: PublishedFolder, _ manifest: Manifest) throws {
    charts = try folder.file(\.userCharts, of: manifest)
    countries = try folder.file(\.userCountries, of: manifest)
    try charts.checkSize()
    try countries.checkSize()
    scheme = PartitionScheme(partitions: manifest.partitions)
    totals = manifest.totals
    entries = try .users(charts)
    countryEntries = try UserCountryEntries(countries)
  }

  /// The next user of the files; nil at the end. The files are then verified: their lines, users
  /// and CRCs are those of the manifest.
  ///
  /// - Precondition: `find` is not called on the same value.
  /// - Throws: `ChartsError.differs`; what `ChartLines` throws; `Interrupted`.
  mutating func next() throws -> User? {
    if !isAtEnd { try advance(to: 0) }
    if !isAtEnd { return user }
    for (file, lines) in [(charts, entries.lines), (countries, countryEntries.lines)] {
      try FileVerifier.checkComplete(file, lines, entries.count, of: totals.users)
    }
    return nil
  }

  /// The user at a place in the files; nil if there is none. Reads from the beginning of a
  /// partition to the user at most.
  ///
  /// - Precondition: `target` is more than that of the call before.
  /// - Throws: `ChartsError.differs`; what `ChartLines` throws; `Interrupted`.
  mutating func find(_ target: UInt64) throws -> User? {
    let partition = Int(scheme.partition(ofPlace: target))
    if partition != self.partition {
      try open(partition)
      if isAtEnd { return nil }
      try advance(to: target)
      try checkStart(of: partition)
    }
    while let place, place < target, !isAtEnd { try advance(to: target) }
    return !isAtEnd && place == target ? user : nil
  }

  private mutating func open(_ partition: Int) throws {
    self.partition = partition
    place = nil
    user = nil
    guard let start = charts.start(of: partition) else {
      isAtEnd = true
      return
    }
    isAtEnd = false
    entries = try .users(charts, from: start)
    countryEntries = try UserCountryEntries(
      countries, from: countries.bytes(of: partition).lowerBound)
  }

  /// Checks that the first user belongs to the partition that was opened. The first partition may
  /// hold only the heading of the file; its first user then belongs to a later partition.
  private func checkStart(of partition: Int) throws {
    guard let place else { return }
    let found = Int(scheme.partition(ofPlace: place))
    let isHeading = partition == 0 && charts.format == .csv
    if found != partition, !(isHeading && found > partition) {
      throw entries.difference(.partitionStart(partition))
    }
  }

  /// Reads the next user, with the songs if the place of the user is not before `target`.
  private mutating func advance(to target: UInt64) throws {
    try StopRequest.check()
    let scheme = scheme
    guard let id = try entries.next(where: { scheme.place(ofUser: $0) >= target }) else {
      isAtEnd = true
      if try countryEntries.next() != nil {
        throw countryEntries.lines.difference(.otherUser(in: charts.entry.name))
      }
      return
    }
    let place = scheme.place(ofUser: id)
    if let last = self.place, last >= place {
      throw entries.difference(last == place ? .repeatedKey : .keyOrder)
    }
    guard let country = try countryEntries.next() else {
      throw entries.difference(.otherUser(in: countries.entry.name))
    }
    guard country.user == id else {
      throw countryEntries.lines.difference(.otherUser(in: charts.entry.name))
    }
    try charts.check(entries.streams, max: totals.streams)
    self.place = place
    user = place < target ? nil : User(id: id, country: country.country, chart: entries.songs)
  }
}
