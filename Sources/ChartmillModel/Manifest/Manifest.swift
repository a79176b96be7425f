internal import ChartmillSystem

/// The file `manifest_YYYYMMDD.json`, which describes what a run read, counted and wrote. It is
/// published after the other outputs.
///
/// Everything except `run` depends only on the logs and the flags.
///
/// Usually a manifest in memory has no inputs, because there may be many of them. They are written
/// and read one at a time, each on its own line.
package struct Manifest: Codable, Sendable, Equatable {
  /// The number of this layout. A reader refuses any other number.
  package static let format = 6

  package var format = Manifest.format
  /// The last day of the window, which is in the names of the outputs.
  package var date: Day
  package var window: Window
  package var partitions: Int
  package var top: Int
  /// The format of the chart files.
  package var chartFormat: ChartFormat
  /// `RowRules.identity` of the rules that the rows were accepted by.
  package var rules: String
  /// The logs, ordered by their days and names.
  package var inputs: [Input]
  /// Possible mistakes in the logs.
  package var logNotices: [LogNotice]
  package var totals: Totals
  /// The published files, in the order of publication.
  package var outputs: [Output]
  package var run: Run

  package init(
    date: Day, window: Window, partitions: Int, top: Int, chartFormat: ChartFormat = .text,
    rules: String, inputs: [Input], logNotices: [LogNotice] = [], totals: Totals,
    outputs: [Output], run: Run
  ) {
    self.date = date
    self.window = window
    self.partitions = partitions
    self.top = top
    self.chartFormat = chartFormat
    self.rules = rules
    self.inputs = inputs
    self.logNotices = logNotices
    self.totals = totals
    self.outputs = outputs
    self.run = run
  }

  package struct Window: Codable, Sendable, Equatable {
    package var first: Day
    package var last: Day
    package var days: Int
    /// The days without a log, or without an accepted row in their logs.
    package var missing: [Day]
    /// The days of `missing` that have a log.
    package var withoutRows: [Day]

    package init(first: Day, last: Day, days: Int, missing: [Day], withoutRows: [Day] = []) {
      self.first = first
      self.last = last
      self.days = days
      self.missing = missing
      self.withoutRows = withoutRows
    }

    /// The number of days that added rows to the charts.
    package var coveredDays: Int { days - missing.count }

    /// Whether both windows and their charts have the same number of days, so that their numbers
    /// can be compared.
    package func isLike(_ other: Window) -> Bool {
      days == other.days && coveredDays == other.coveredDays
    }
  }

  /// The number of rows for a reason of rejection or a rule of repair. A list of tallies is
  /// ordered, and a JSON object is not.
  package struct Tally: Codable, Sendable, Equatable {
    package var name: String
    package var rows: Int

    package init(name: String, rows: Int) {
      self.name = name
      self.rows = rows
    }
  }

  /// One log.
  package struct Input: Codable, Sendable, Equatable {
    package enum Reading: String, Codable, Sendable {
      case text
      case gzip
      /// Nonzero bytes after the last gzip member were ignored.
      case gzipWithTrailingBytes = "gzip, trailing bytes ignored"
    }

    /// The name of the file without its folder, so that the manifest does not depend on the folder.
    package var name: String
    package var day: Day
    package var reading: Reading
    /// The stored size of the file.
    package var bytes: Int
    /// The length of the decompressed text.
    package var textBytes: Int
    /// The CRC-32 of the decompressed text as eight hexadecimal digits.
    package var textCRC32: String
    package var accepted: Int
    package var rejected: Int
    package var rejectedByReason: [Tally]
    package var repairedByRule: [Tally]

    package init(
      name: String, day: Day, reading: Reading, bytes: Int, textBytes: Int, textCRC32: UInt32,
      accepted: Int, rejected: Int, rejectedByReason: [Tally], repairedByRule: [Tally]
    ) {
      self.name = name
      self.day = day
      self.reading = reading
      self.bytes = bytes
      self.textBytes = textBytes
      self.textCRC32 = Checksum.hex(textCRC32)
      self.accepted = accepted
      self.rejected = rejected
      self.rejectedByReason = rejectedByReason
      self.repairedByRule = repairedByRule
    }
  }

  /// A possible mistake in the logs of the window.
  package struct LogNotice: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable {
      case trailingBytes = "bytes after the end of the gzip data were ignored"
      case sameContent = "the same content under several names"
    }

    /// The maximum number of logs, or of groups of them, that a notice names.
    package static let maxNames = 3

    package var kind: Kind
    /// How many times it was seen.
    package var count = 0
    /// The first logs. A group of logs with the same content is one text, separated by commas.
    package var logs: [String] = []

    package init(kind: Kind) {
      self.kind = kind
    }

    package mutating func add(_ log: String) {
      count += 1
      if logs.count < Self.maxNames { logs.append(log) }
    }
  }

  /// A bad row.
  package struct Sample: Codable, Sendable, Equatable {
    package var reason: String
    package var file: String
    /// The line number, from 1.
    package var line: Int
    /// The row as `SafeText`, with ` ...` after it if it was cut.
    package var text: String

    /// - Parameter text: the raw bytes of the row.
    package init(reason: String, file: String, line: Int, text: [UInt8], isCut: Bool) {
      self.reason = reason
      self.file = SafeText(file).description
      self.line = line
      self.text = SafeText(utf8: text).description + (isCut ? " ..." : "")
    }
  }

  /// All streams of a country. Its chart lists only the streams of the top songs.
  package struct CountryStreams: Codable, Sendable, Equatable {
    package var country: String
    package var streams: Int

    package init(country: String, streams: Int) {
      self.country = country
      self.streams = streams
    }
  }

  package struct Totals: Codable, Sendable, Equatable {
    /// The number of logs in the window.
    package var logs: Int
    package var accepted: Int
    package var rejected: Int
    package var rejectedByReason: [Tally]
    package var repairedByRule: [Tally]
    package var samples: [Sample]
    package var users: Int
    package var countries: Int
    /// The streams counted before charts are cut to `top`; equals `accepted`.
    package var streams: Int
    /// The number of users with 2^k to 2^(k+1) − 1 streams, by k from 0 up to the last k that has
    /// users.
    package var usersByStreams: [Int]
    /// The streams of each country that has a chart, ordered by code.
    package var streamsByCountry: [CountryStreams]

    package init(
      logs: Int, accepted: Int, rejected: Int, rejectedByReason: [Tally], repairedByRule: [Tally],
      samples: [Sample], users: Int, countries: Int, streams: Int, usersByStreams: [Int],
      streamsByCountry: [CountryStreams]
    ) {
      self.logs = logs
      self.accepted = accepted
      self.rejected = rejected
      self.rejectedByReason = rejectedByReason
      self.repairedByRule = repairedByRule
      self.samples = samples
      self.users = users
      self.countries = countries
      self.streams = streams
      self.usersByStreams = usersByStreams
      self.streamsByCountry = streamsByCountry
    }
  }

  /// One output, which is a published file or the bytes of several files in a row.
  package struct Output: Codable, Sendable, Equatable {
    package var name: String
    /// The paths of the files that hold the output, relative to the folder of the manifest. Either
    /// one file holds all bytes, or each partition that is not empty has a file, in order. Nil if
    /// the only file is `name`.
    package var files: [String]?
    package var bytes: Int
    package var lines: Int
    /// The CRC-32 of the file as eight hexadecimal digits.
    package var crc32: String
    /// The byte offset at which each partition's lines begin, so that a lookup can start there. In
    /// gzip, a member begins at that offset. A country file has one partition.
    package var partitionStarts: [Int]

    package init(name: String, bytes: Int, lines: Int, crc32: UInt32, partitionStarts: [Int]) {
      self.name = name
      files = nil
      self.bytes = bytes
      self.lines = lines
      self.crc32 = Checksum.hex(crc32)
      self.partitionStarts = partitionStarts
    }

    /// The maximum length of a path in `files`. With it, the manifest of a job with the maximum of
    /// partitions stays below the maximum that a reader accepts.
    package static let maxFileBytes = 200

    /// The paths of the files of the output.
    package var paths: [String] { files ?? [name] }

    /// Whether a path may be in `files`: it is printable and leads to a place below the folder of
    /// the manifest.
    package static func isFile(_ path: String) -> Bool {
      let names = path.split(separator: "/", omittingEmptySubsequences: false)
      return path.utf8.count <= maxFileBytes && path.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
        && names.allSatisfy { !["", ".", ".."].contains($0) }
    }
  }

  /// The value of a flag.
  package struct Setting: Codable, Sendable, Equatable {
    package enum Source: String, Codable, Sendable {
      case flag
      /// The environment variable with the name of the flag.
      case variable
      case `default`
    }

    /// The value that was used, in words.
    package var value: String
    package var source: Source

    package init(value: String, source: Source) {
      self.value = value
      self.source = source
    }
  }

  /// The part of the manifest that depends on the machine, on kept rollups and on the time of the
  /// run.
  package struct Run: Codable, Sendable, Equatable {
    /// The range of seconds that a reader accepts, up to a century.
    package static let plausibleSeconds = 0...3.2e9

    package var version: String
    /// The name of the library that read gzip.
    package var codec: String
    package var threads: Int
    /// `Resources.memory`, in bytes.
    package var memoryBudget: Int
    /// The peak resident set in bytes (VmHWM), read before the manifest was published.
    package var peakResident: Int
    /// Whether the peak is above the budget, which is a bug in Chartmill.
    package var exceedsBudget: Bool { peakResident > memoryBudget }
    /// The stored size of what the rollup phase of this run spilled. Merge passes, and parts of
    /// outputs that waited in a spill file, are not counted.
    package var spillBytes: Int
    package var spillRuns: Int
    package var seconds: Seconds
    /// The days whose logs were not read, because their kept rollups were used.
    package var keptDays: [Day]
    package var notices: [RollupNotice]
    /// The time at which the content or name of a log of the window last changed: microseconds
    /// since 1970, by the clock of the file system. Nil in a distributed job, or if there was no
    /// log.
    package var logsChangedMicroseconds: Int?
    /// The bad rows in the logs that this run read.
    package var rejectedInReadLogs: Int
    /// Sudden changes on the last day, compared with the earlier days.
    package var changes: [SuddenChange]
    /// Names that may have been meant as logs, but were not read.
    package var overlooked: [OverlookedNames]
    /// The values of the flags, keyed by their names without dashes. Empty in a distributed job.
    package var settings: [String: Setting]

    package init(
      version: String = chartmillVersion, codec: String, threads: Int, memoryBudget: Int,
      peakResident: Int, spillBytes: Int, spillRuns: Int, seconds: Seconds, keptDays: [Day] = [],
      notices: [RollupNotice] = [], logsChangedMicroseconds: Int? = nil,
      rejectedInReadLogs: Int = 0, changes: [SuddenChange] = [], overlooked: [OverlookedNames] = [],
      settings: [String: Setting] = [:]
    ) {
      self.settings = settings
      self.logsChangedMicroseconds = logsChangedMicroseconds
      self.rejectedInReadLogs = rejectedInReadLogs
      self.overlooked = overlooked
      self.keptDays = keptDays
      self.notices = notices
      self.changes = changes
      self.version = version
      self.codec = codec
      self.threads = threads
      self.memoryBudget = memoryBudget
      self.peakResident = peakResident
      self.spillBytes = spillBytes
      self.spillRuns = spillRuns
      self.seconds = seconds
    }
  }

  /// Wall times of a run in seconds, rounded to milliseconds.
  package struct Seconds: Codable, Sendable, Equatable {
    /// The time spent waiting for folders that another process had locked (`--wait`). The other
    /// times, including `total`, do not include it.
    package var waiting: Double
    package var rollup: Double
    package var chart: Double
    package var publish: Double
    package var total: Double

    package init(
      waiting: Double = 0, rollup: Double, chart: Double, publish: Double, total: Double
    ) {
      func rounded(_ value: Double) -> Double {
        value.isFinite ? (value * 1000).rounded() / 1000 : 0
      }
      self.waiting = rounded(waiting)
      self.rollup = rounded(rollup)
      self.chart = rounded(chart)
      self.publish = rounded(publish)
      self.total = rounded(total)
    }
  }
}

extension [Manifest.Sample] {
  /// The first `count` samples of each reason, in the order of this array.
  package func firstOfEachReason(_ count: Int) -> [Manifest.Sample] {
    first(count, ofEach: \.reason)
  }
}

extension Array {
  /// The first `count` elements with each value, in the order of this array.
  package func first(_ count: Int, ofEach value: (Element) -> String) -> [Element] {
    var kept: [String: Int] = [:]
    return filter { element in
      kept[value(element), default: 0] += 1
      return kept[value(element), default: 0] <= count
    }
  }
}

extension Manifest.Input.Reading {
  package init(isGzip: Bool, hasTrailingBytes: Bool) {
    self = hasTrailingBytes ? .gzipWithTrailingBytes : isGzip ? .gzip : .text
  }
}
