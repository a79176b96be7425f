internal import ChartmillCore
package import ChartmillModel
package import ChartmillSystem

/// Exports the charts and countries of listed users, or of all users, as one record per user.
///
/// The list is sorted into the order of the user files. Both files are then read once, partition by
/// partition; partitions without a listed user are left out. So the records are in the order of the
/// files: by partition, and by id inside each. With titles of songs, the user files are read twice,
/// first to find the songs that the records name.
///
/// Time: about 1 s per GB of charts that are skipped, and 5 s per GB that are exported. Memory: at
/// most 64 MiB, or 96 MiB with titles, whatever the charts and the files contain.
package struct ChartExport: Sendable {
  package struct Options: Sendable {
    /// The path of a list of user ids, or `-`; nil for all users.
    package var users: String?
    /// The path of titles of songs; nil for records without titles and names.
    package var songs: String?
    /// Not `text` if there are titles.
    package var format: ChartFormat
    /// Whether each record also has the chart of the user's country.
    package var hasCountryCharts: Bool
    /// The folder of spill files.
    package var spillFolder: String

    package init(
      users: String?, songs: String?, format: ChartFormat, hasCountryCharts: Bool,
      spillFolder: String
    ) {
      self.users = users
      self.songs = songs
      self.format = format
      self.hasCountryCharts = hasCountryCharts
      self.spillFolder = spillFolder
    }
  }

  package struct Summary: Sendable {
    /// The ids in the list, repeated ones included; nil without a list.
    package internal(set) var listed: Int?
    package internal(set) var repeated = 0
    /// The users that have a record.
    package internal(set) var exported = 0
    /// The listed users that have no chart.
    package internal(set) var missing = 0
    package internal(set) var byteCount = 0
    /// What the file of titles had; nil without one.
    package internal(set) var titles: SongTitles.Counts?
    /// The songs in users' charts, and those of them without a title.
    package internal(set) var songs = 0
    package internal(set) var untitled = 0
  }

  private let lookup: ChartLookup
  private let options: Options

  package var manifest: Manifest { lookup.manifest }

  /// - Parameter date: nil selects the newest date that has a manifest.
  /// - Throws: `ChartsError`, `SystemError`.
  package init(folder: String, date: Day?, _ options: Options) throws {
    lookup = try ChartLookup(folder: folder, date: date)
    self.options = options
  }

  /// Writes the records.
  ///
  /// - Parameters:
  ///   - output: gets the records.
  ///   - missing: gets the ids of listed users without a chart, one per line; nil to leave them
  ///     out.
  /// - Throws: `SideInputError` for the list or the titles; `ChartsError`, among them `.replaced`,
  ///   and `.noListedUser` when `missing` is complete; `SystemError`; `Interrupted`.
  package func write(to output: File, missing: File?) throws -> Summary {
    try lookup.manifestFile.reading { try writeRecords(to: output, missing: missing) }
  }

  private func writeRecords(to output: File, missing: File?) throws -> Summary {
    var summary = Summary()
    let scheme = PartitionScheme(partitions: manifest.partitions)
    let countryCharts = options.hasCountryCharts ? try lookup.allCountryCharts() : [:]
    let list = try options.users.map {
      try UserList(contentsOf: $0, scheme: scheme, spillFolder: options.spillFolder)
    }
    let titles = try options.songs.map { try self.titles(in: $0, list, countryCharts) }
    list?.rewind()
    var records = ExportWriter(options.format, titles: titles, to: output)
    var others = missing.map { ExportWriter(.text, to: $0) }
    try forEachUser(of: list) { user in
      let countryChart = countryCharts[user.country]
      if options.hasCountryCharts, countryChart == nil {
        throw try lookup.missingChart(of: user.country)
      }
      try records.append(user, countryChart: countryChart)
      summary.exported += 1
      summary.songs += user.chart.count
    } onMissing: { place in
      summary.missing += 1
      try others?.append(line: scheme.user(atPlace: place))
    }
    try others?.flush()
    if summary.exported == 0 {
      throw ChartsError.noListedUser(count: summary.missing, date: manifest.date)
    }
    try records.flush()
    summary.listed = list?.listed
    summary.repeated = list?.repeated ?? 0
    summary.byteCount = records.byteCount
    summary.titles = titles?.counts
    summary.untitled = records.untitled
    return summary
  }

  /// The titles of the songs that the records name.
  private func titles(
    in path: String, _ list: UserList?, _ countryCharts: [CountryCode: [ChartedSong]]
  ) throws -> SongTitles {
    let titles = try SongTitles(
      filterBytes: 16 << 20, entriesInMemory: 512 << 10, spillFolder: options.spillFolder)
    try forEachUser(of: list) { user in
      for song in user.chart { titles.want(song.song) }
    } onMissing: { _ in
    }
    for chart in countryCharts.values {
      for song in chart { titles.want(song.song) }
    }
    try titles.read(path)
    return titles
  }

  /// Calls `onUser` with each listed user that has a chart, or with all users without a list.
  ///
  /// - Parameter onMissing: called with the place of each listed user without a chart.
  private func forEachUser(
    of list: UserList?, _ onUser: (PublishedUsers.User) throws -> Void,
    onMissing: (UInt64) throws -> Void
  ) throws {
    var users = try PublishedUsers(lookup.folder, manifest)
    while true {
      try StopRequest.check()
      guard let list else {
        guard let user = try users.next() else { return }
        try onUser(user)
        continue
      }
      guard let place = try list.next() else { return }
      if let user = try users.find(place) { try onUser(user) } else { try onMissing(place) }
    }
  }
}
