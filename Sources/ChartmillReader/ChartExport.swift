internal import ChartmillCore
package import ChartmillModel
package import ChartmillSystem

/// Exports the charts and countries of listed users, or of all users, as one record per user.
///
/// The list is sorted into the order of the user files. Both files are then read once, partition by
/// partition; partitions without a listed user are left out. So the records are in the order of the
/// files: by partition, and by id inside each.
///
/// Time: about 1 s per GB of charts that are skipped, and 5 s per GB that are exported. Memory: at
/// most 64 MiB, whatever the charts and the list contain.
package struct ChartExport: Sendable {
  package struct Options: Sendable {
    /// The path of a list of user ids, or `-`; nil for all users.
    package var users: String?
    package var format: ChartFormat
    /// Whether each record also has the chart of the user's country.
    package var hasCountryCharts: Bool
    /// The folder of spill files.
    package var spillFolder: String

    package init(
      users: String?, format: ChartFormat, hasCountryCharts: Bool, spillFolder: String
    ) {
      self.users = users
      self.format = format
      self.hasCountryCharts = hasCountryCharts
      self.spillFolder = spillFolder
    }
  }

  package struct Summary: Sendable, Equatable {
    /// The ids in the list, repeated ones included; nil without a list.
    package internal(set) var listed: Int?
    package internal(set) var repeated = 0
    /// The users that have a record.
    package internal(set) var exported = 0
    /// The listed users that have no chart.
    package internal(set) var missing = 0
    package internal(set) var byteCount = 0
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
  /// - Throws: `SideInputError` for the list; `ChartsError`, among them `.noListedUser`;
  ///   `SystemError`; `Interrupted`.
  package func write(to output: File, missing: File?) throws -> Summary {
    var summary = Summary()
    var users = try PublishedUsers(lookup.folder, manifest)
    let countryCharts = options.hasCountryCharts ? try lookup.allCountryCharts() : [:]
    var records = ExportWriter(options.format, to: output)
    func add(_ user: PublishedUsers.User) throws {
      if summary.exported & 0xfff == 0 { try StopRequest.check() }
      let countryChart = countryCharts[user.country]
      if options.hasCountryCharts, countryChart == nil {
        throw try lookup.missingChart(of: user.country)
      }
      try records.append(user, countryChart: countryChart)
      summary.exported += 1
    }
    guard let path = options.users else {
      while let user = try users.next() { try add(user) }
      try records.flush()
      summary.byteCount = records.byteCount
      return summary
    }
    let scheme = PartitionScheme(partitions: manifest.partitions)
    let list = try UserList(
      contentsOf: path, scheme: scheme, spillFolder: options.spillFolder)
    var others = missing.map { ExportWriter(.text, to: $0) }
    while let place = try list.next() {
      if let user = try users.find(place) {
        try add(user)
      } else {
        if summary.missing & 0xfff == 0 { try StopRequest.check() }
        summary.missing += 1
        try others?.append(line: scheme.user(atPlace: place))
      }
    }
    if summary.exported == 0 {
      throw ChartsError.noListedUser(count: summary.missing, date: manifest.date)
    }
    try records.flush()
    try others?.flush()
    summary.listed = list.listed
    summary.repeated = list.repeated
    summary.byteCount = records.byteCount
    return summary
  }
}
