/// What a run read, counted and wrote: `manifest_YYYYMMDD.json`, published last.
///
/// Everything but `run` follows from the logs and the flags alone: two runs of one input differ
/// only there.
///
/// A manifest in memory has no inputs when there may be many of them: those are written and read one
/// by one, each on a line of its own.
public struct Manifest: Codable, Sendable, Equatable {
  /// Of this layout; a reader refuses another.
  public static let format = 4

  public var format = Manifest.format
  /// The last day of the window, which the outputs are named by.
  public var date: Day
  public var window: Window
  public var partitions: Int
  public var top: Int
  /// Of the outputs.
  public var chartFormat: ChartFormat
  /// Which countries counted and whether rows were repaired: equal text, equal rules.
  public var rules: String
  /// In the order of their days and names; see `forEachInput` for those of a file.
  public var inputs: [Input]
  /// What a person should know about the logs.
  public var logNotices: [LogNotice]
  public var totals: Totals
  /// In the order they were published.
  public var outputs: [Output]
  public var run: Run

  public init(
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

  public struct Window: Codable, Sendable, Equatable {
    public var first: Day
    public var last: Day
    public var days: Int
    /// Days of the window without a log, or without an accepted row in their logs.
    public var missing: [Day]
    /// Those of `missing` that have a log.
    public var withoutRows: [Day]

    public init(first: Day, last: Day, days: Int, missing: [Day], withoutRows: [Day] = []) {
      self.first = first
      self.last = last
      self.days = days
      self.missing = missing
      self.withoutRows = withoutRows
    }

    /// Days that the charts are of.
    public var coveredDays: Int { days - missing.count }

    /// Whether charts of both windows are of as many days, so that their numbers can be compared.
    public func isLike(_ other: Window) -> Bool {
      days == other.days && coveredDays == other.coveredDays
    }
  }

  /// Rows under one name: a reason of rejection or a rule of repair. A list of them keeps an order,
  /// which a JSON object would not.
  public struct Tally: Codable, Sendable, Equatable {
    public var name: String
    public var rows: Int

    public init(name: String, rows: Int) {
      self.name = name
      self.rows = rows
    }
  }

  /// One log.
  public struct Input: Codable, Sendable, Equatable {
    public enum Reading: String, Codable, Sendable {
      case text
      case gzip
      /// Bytes after the last gzip member, other than zeros, were left out.
      case gzipWithTrailingBytes = "gzip, trailing bytes ignored"
    }

    /// File name, without its folder: the same logs elsewhere give the same manifest.
    public var name: String
    public var day: Day
    public var reading: Reading
    /// Of the file as it is stored.
    public var bytes: Int
    /// Of the decompressed text.
    public var textBytes: Int
    /// CRC-32 of the decompressed text, eight hexadecimal digits.
    public var textCRC32: String
    public var accepted: Int
    public var rejected: Int
    public var rejectedByReason: [Tally]
    public var repairedByRule: [Tally]

    public init(
      name: String, day: Day, reading: Reading, bytes: Int, textBytes: Int, textCRC32: UInt32,
      accepted: Int, rejected: Int, rejectedByReason: [Tally], repairedByRule: [Tally]
    ) {
      self.name = name
      self.day = day
      self.reading = reading
      self.bytes = bytes
      self.textBytes = textBytes
      self.textCRC32 = hexadecimal(textCRC32)
      self.accepted = accepted
      self.rejected = rejected
      self.rejectedByReason = rejectedByReason
      self.repairedByRule = repairedByRule
    }
  }

  /// Something about logs of the window that may be a mistake.
  public struct LogNotice: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
      case trailingBytes = "bytes after the end of the gzip data were ignored"
      case sameContent = "the same content under several names"
    }

    /// Logs named in a notice.
    static let maxNames = 3

    public var kind: Kind
    /// How many times it was seen.
    public var count = 0
    /// The first logs; of the same content, one after another.
    public var logs: [String] = []

    init(kind: Kind) {
      self.kind = kind
    }

    mutating func add(_ log: String) {
      count += 1
      if logs.count < Self.maxNames { logs.append(log) }
    }
  }

  /// A rejected row.
  public struct Sample: Codable, Sendable, Equatable {
    public var reason: String
    public var file: String
    /// From 1.
    public var line: Int
    /// The row as `SafeText`, with ` ...` after it when it was cut.
    public var text: String

    /// `text` is raw bytes of the row.
    public init(reason: String, file: String, line: Int, text: [UInt8], isCut: Bool) {
      self.reason = reason
      self.file = SafeText(file).description
      self.line = line
      self.text = SafeText(utf8: text).description + (isCut ? " ..." : "")
    }
  }

  /// The streams of one country, all of them: its chart lists those of the top songs.
  public struct CountryStreams: Codable, Sendable, Equatable {
    public var country: String
    public var streams: Int

    public init(country: String, streams: Int) {
      self.country = country
      self.streams = streams
    }
  }

  public struct Totals: Codable, Sendable, Equatable {
    /// Logs of the window.
    public var logs: Int
    public var accepted: Int
    public var rejected: Int
    public var rejectedByReason: [Tally]
    public var repairedByRule: [Tally]
    public var samples: [Sample]
    public var users: Int
    public var countries: Int
    /// Counted into charts before the cut to `top`; equals `accepted`.
    public var streams: Int
    /// How many users have 2^k to 2^(k+1) − 1 streams, by k from 0; up to the last that has any.
    public var usersByStreams: [Int]
    /// Of each country with a chart, by code.
    public var streamsByCountry: [CountryStreams]

    public init(
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
  public struct Output: Codable, Sendable, Equatable {
    public var name: String
    public var bytes: Int
    public var lines: Int
    /// CRC-32 of the file, eight hexadecimal digits.
    public var crc32: String
    /// The byte of the file at which each partition's lines begin, for a lookup to enter there: of
    /// gzip, where a member begins. The country file is one partition.
    public var partitionStarts: [Int]

    public init(name: String, bytes: Int, lines: Int, crc32: UInt32, partitionStarts: [Int]) {
      self.name = name
      self.bytes = bytes
      self.lines = lines
      self.crc32 = hexadecimal(crc32)
      self.partitionStarts = partitionStarts
    }
  }

  /// What differs from run to run.
  public struct Run: Codable, Sendable, Equatable {
    public var version: String
    /// The gzip codec.
    public var codec: String
    public var threads: Int
    /// Bytes.
    public var memoryBudget: Int
    /// Bytes: VmHWM at the end.
    public var peakResident: Int
    /// Whether the peak is above the budget, which is a fault of Chartmill to report.
    public var exceedsBudget: Bool { peakResident > memoryBudget }
    /// Bytes that this run's digest spilled, as they are stored. Not counted: passes of merging, and
    /// parts of outputs that waited in a file for their turn.
    public var spillBytes: Int
    public var spillRuns: Int
    public var seconds: Seconds
    /// Days that were not read again because their kept digest served.
    public var keptDays: [Day]
    public var notices: [DigestNotice]
    /// When the newest of the window's logs that were there last changed, in content or name:
    /// microseconds since 1970, by the clock of their file system. Nil when that is not known.
    public var logsChangedMicroseconds: Int?
    /// Bad rows in the logs that this run read.
    public var rejectedInReadLogs: Int
    /// What is out of the ordinary on the last day, against the days before it.
    public var changes: [SuddenChange]
    /// What may have been meant as logs, but was not read.
    public var overlooked: [OverlookedNames]

    public init(
      version: String = chartmillVersion, codec: String, threads: Int, memoryBudget: Int,
      peakResident: Int, spillBytes: Int, spillRuns: Int, seconds: Seconds, keptDays: [Day] = [],
      notices: [DigestNotice] = [], logsChangedMicroseconds: Int? = nil,
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
  public struct Seconds: Codable, Sendable, Equatable {
    /// For folders that another run had (`--wait`): no part of the others, nor of `total`.
    public var waiting: Double
    public var digest: Double
    public var chart: Double
    public var publish: Double
    public var total: Double

    public init(
      waiting: Double = 0, digest: Double, chart: Double, publish: Double, total: Double
    ) {
      func rounded(_ value: Double) -> Double {
        value.isFinite ? (value * 1000).rounded() / 1000 : 0
      }
      self.waiting = rounded(waiting)
      self.digest = rounded(digest)
      self.chart = rounded(chart)
      self.publish = rounded(publish)
      self.total = rounded(total)
    }
  }
}

private func hexadecimal(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
