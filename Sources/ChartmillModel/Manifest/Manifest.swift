internal import ChartmillSystem

/// What a run read, counted and wrote: `manifest_YYYYMMDD.json`, published last.
///
/// Everything but `run` follows from the logs and the flags alone: two runs of one input differ
/// only there.
///
/// A manifest in memory has no inputs when there may be many of them: those are written and read one
/// by one, each on a line of its own.
package struct Manifest: Codable, Sendable, Equatable {
  /// Of this layout; a reader refuses another.
  package static let format = 4

  package var format = Manifest.format
  /// The last day of the window, which the outputs are named by.
  package var date: Day
  package var window: Window
  package var partitions: Int
  package var top: Int
  /// Of the outputs.
  package var chartFormat: ChartFormat
  /// Which countries counted and whether rows were repaired: equal text, equal rules.
  package var rules: String
  /// In the order of their days and names; see `forEachInput` for those of a file.
  package var inputs: [Input]
  /// What a person should know about the logs.
  package var logNotices: [LogNotice]
  package var totals: Totals
  /// In the order they were published.
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
    /// Days of the window without a log, or without an accepted row in their logs.
    package var missing: [Day]
    /// Those of `missing` that have a log.
    package var withoutRows: [Day]

    package init(first: Day, last: Day, days: Int, missing: [Day], withoutRows: [Day] = []) {
      self.first = first
      self.last = last
      self.days = days
      self.missing = missing
      self.withoutRows = withoutRows
    }

    /// Days that the charts are of.
    package var coveredDays: Int { days - missing.count }

    /// Whether charts of both windows are of as many days, so that their numbers can be compared.
    package func isLike(_ other: Window) -> Bool {
      days == other.days && coveredDays == other.coveredDays
    }
  }

  /// Rows under one name: a reason of rejection or a rule of repair. A list of them keeps an order,
  /// which a JSON object would not.
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
      /// Bytes after the last gzip member, other than zeros, were left out.
      case gzipWithTrailingBytes = "gzip, trailing bytes ignored"
    }

    /// File name, without its folder: the same logs elsewhere give the same manifest.
    package var name: String
    package var day: Day
    package var reading: Reading
    /// Of the file as it is stored.
    package var bytes: Int
    /// Of the decompressed text.
    package var textBytes: Int
    /// CRC-32 of the decompressed text, eight hexadecimal digits.
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

  /// Something about logs of the window that may be a mistake.
  package struct LogNotice: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable {
      case trailingBytes = "bytes after the end of the gzip data were ignored"
      case sameContent = "the same content under several names"
    }

    /// Logs named in a notice.
    package static let maxNames = 3

    package var kind: Kind
    /// How many times it was seen.
    package var count = 0
    /// The first logs; of the same content, one after another.
    package var logs: [String] = []

    package init(kind: Kind) {
      self.kind = kind
    }

    package mutating func add(_ log: String) {
      count += 1
      if logs.count < Self.maxNames { logs.append(log) }
    }
  }

  /// A rejected row.
  package struct Sample: Codable, Sendable, Equatable {
    package var reason: String
    package var file: String
    /// From 1.
    package var line: Int
    /// The row as `SafeText`, with ` ...` after it when it was cut.
    package var text: String

    /// `text` is raw bytes of the row.
    package init(reason: String, file: String, line: Int, text: [UInt8], isCut: Bool) {
      self.reason = reason
      self.file = SafeText(file).description
      self.line = line
      self.text = SafeText(utf8: text).description + (isCut ? " ..." : "")
    }
  }

  /// The streams of one country, all of them: its chart lists those of the top songs.
  package struct CountryStreams: Codable, Sendable, Equatable {
    package var country: String
    package var streams: Int

    package init(country: String, streams: Int) {
      self.country = country
      self.streams = streams
    }
  }

  package struct Totals: Codable, Sendable, Equatable {
    /// Logs of the window.
    package var logs: Int
    package var accepted: Int
    package var rejected: Int
    package var rejectedByReason: [Tally]
    package var repairedByRule: [Tally]
    package var samples: [Sample]
    package var users: Int
    package var countries: Int
    /// Counted into charts before the cut to `top`; equals `accepted`.
    package var streams: Int
    /// How many users have 2^k to 2^(k+1) − 1 streams, by k from 0; up to the last that has any.
    package var usersByStreams: [Int]
    /// Of each country with a chart, by code.
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

  /// One published file.
  package struct Output: Codable, Sendable, Equatable {
    package var name: String
    package var bytes: Int
    package var lines: Int
    /// CRC-32 of the file, eight hexadecimal digits.
    package var crc32: String
    /// The byte of the file at which each partition's lines begin, for a lookup to enter there: of
    /// gzip, where a member begins. The country file is one partition.
    package var partitionStarts: [Int]

    package init(name: String, bytes: Int, lines: Int, crc32: UInt32, partitionStarts: [Int]) {
      self.name = name
      self.bytes = bytes
      self.lines = lines
      self.crc32 = Checksum.hex(crc32)
      self.partitionStarts = partitionStarts
    }
  }

  /// What differs from run to run.
  package struct Run: Codable, Sendable, Equatable {
    /// What any time of a run is within: a century.
    package static let plausibleSeconds = 0...3.2e9

    package var version: String
    /// The gzip codec.
    package var codec: String
    package var threads: Int
    /// Bytes.
    package var memoryBudget: Int
    /// Bytes: VmHWM at the end.
    package var peakResident: Int
    /// Whether the peak is above the budget, which is a fault of Chartmill to report.
    package var exceedsBudget: Bool { peakResident > memoryBudget }
    /// Bytes that this run's rollup spilled, as they are stored. Not counted: passes of merging, and
    /// parts of outputs that waited in a file for their turn.
    package var spillBytes: Int
    package var spillRuns: Int
    package var seconds: Seconds
    /// Days that were not read again because their kept rollup served.
    package var keptDays: [Day]
    package var notices: [RollupNotice]
    /// When the newest of the window's logs that were there last changed, in content or name:
    /// microseconds since 1970, by the clock of their file system. Nil when that is not known.
    package var logsChangedMicroseconds: Int?
    /// Bad rows in the logs that this run read.
    package var rejectedInReadLogs: Int
    /// What is out of the ordinary on the last day, against the days before it.
    package var changes: [SuddenChange]
    /// What may have been meant as logs, but was not read.
    package var overlooked: [OverlookedNames]

    package init(
      version: String = chartmillVersion, codec: String, threads: Int, memoryBudget: Int,
      peakResident: Int, spillBytes: Int, spillRuns: Int, seconds: Seconds, keptDays: [Day] = [],
      notices: [RollupNotice] = [], logsChangedMicroseconds: Int? = nil,
      rejectedInReadLogs: Int = 0, changes: [SuddenChange] = [], overlooked: [OverlookedNames] = []
    ) {
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

  /// Wall time, rounded to milliseconds.
  package struct Seconds: Codable, Sendable, Equatable {
    /// For folders that another run had (`--wait`): no part of the others, nor of `total`.
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
  /// The first `count` samples of each reason, in their order.
  package func firstOfEachReason(_ count: Int) -> [Manifest.Sample] {
    first(count, ofEach: \.reason)
  }
}

extension Array {
  /// The first `count` elements of each value, in their order.
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
