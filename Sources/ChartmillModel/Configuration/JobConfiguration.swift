/// Where the logs come from.
package enum LogSource: Sendable, Equatable {
  /// Every `listen-YYYYMMDD.log` or `listen-YYYYMMDD-PART.log` of a folder, plain or `.gz`, whose
  /// date is in the window.
  case folder(String)
  /// These files, but for those whose names carry a date outside the window.
  case files([String])
  /// One log that the process reads; the last component of `name`, a path or a URI, says its date.
  case standardInput(name: String)
  /// No logs: the days that a state folder has digests of.
  case keptDays

  /// Whether days whose digest is kept belong to the window without their logs.
  package var takesKeptDays: Bool {
    switch self {
    case .folder, .keptDays: true
    case .files, .standardInput: false
    }
  }
}

/// What one run is asked to do: the flags of `chartmill run`, resolved.
package struct JobConfiguration: Sendable {
  package var source: LogSource
  package var outputFolder: String
  /// The last day of the window; nil means the newest log's date.
  package var date: Day?
  /// Without a `date`, no day later than the one after this ends the window: a misnamed log must not.
  /// Nil asks no clock.
  package var today: Day?
  /// Length of the window in calendar days, 1 or more.
  package var days = 7
  /// Songs a chart has at most, 1 … 1000.
  package var top = 50
  package var encoding = ChartEncoding()
  /// Writes each country's chart also to a file of its own.
  package var writesEachCountry = false
  /// Bound of the peak resident set of the process, in bytes; at least 32 MiB.
  package var memory = JobConfiguration.defaultMemory
  /// Worker threads, 1 or more.
  package var threads: Int
  /// A power of two, 1 … 1024. It decides the order of the user files.
  package var partitions = 64
  /// Where spill files go; nil means the output folder, or, of a job that has none, the
  /// state folder.
  package var spillFolder: String?
  /// The share of a day's rows that may be bad; with more, the job fails.
  package var maxBadRows = Share.percent(5)
  /// Where rejected rows are kept, as gzip; nil keeps some samples only.
  package var rejectsFile: String?
  package var repair = false
  package var requireAllDays = false
  /// Charts a date although that day has neither a log nor a kept digest.
  package var allowsMissingLastDay = false
  /// Where day digests are kept from run to run; nil keeps none.
  package var stateFolder: String?
  /// Kept digests of days further back than this many from the window's end are removed after a
  /// run; nil keeps all.
  package var keepDays: Int?
  /// Wait for a folder that another run has, instead of failing.
  package var waitsForLock = false
  /// Bytes of spill files at most; nil is without limit.
  package var spillLimit: Int?
  package var countries: CountryList

  package init(
    source: LogSource, outputFolder: String, threads: Int, countries: CountryList = .iso3166
  ) {
    self.source = source
    self.outputFolder = outputFolder
    self.threads = threads
    self.countries = countries
  }

  /// What decides which rows count: a text that is equal for equal rules. The number is that of the
  /// set of repairs; another one means digesting again.
  package var rules: String { countries.identity + (repair ? ", repair 2" : "") }
}
