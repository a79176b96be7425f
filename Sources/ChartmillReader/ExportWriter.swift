internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// Writes the records of an export, one per user, in one of the formats of charts.
///
/// Time: about 3 ns per byte, and the time to write it. Memory: a buffer of `flushBytes`, one record,
/// and `maxCachedBytes` of charts of countries.
struct ExportWriter {
  /// The size at which the text in memory is written, in bytes.
  private static let flushBytes = 256 << 10
  /// The maximum size of the charts of countries that are kept as text, in bytes. It is enough for
  /// the top 100 songs of every country.
  private static let maxCachedBytes = 2 << 20

  private let format: ChartFormat
  private let file: File
  private var text: [UInt8] = []
  /// The number of bytes of all records so far.
  private(set) var byteCount = 0
  /// The text of charts of countries, which are the same in every record of a country. A line of
  /// CSV has the user, so it is not kept.
  private var cache: [CountryCode: [UInt8]] = [:]
  private var cachedBytes = 0

  init(_ format: ChartFormat, to file: File) {
    self.format = format
    self.file = file
    text.reserveCapacity(Self.flushBytes + (64 << 10))
    if format == .csv { append("user_id,country,chart,rank,sng_id,streams\n") }
  }

  /// Appends the record of a user.
  ///
  /// - Parameter countryChart: the chart of the user's country; nil to leave it out.
  mutating func append(_ user: PublishedUsers.User, countryChart: [ChartedSong]?) throws {
    switch format {
    case .text:
      append(decimal: user.id)
      append("|")
      append(user.country)
      appendPairs(user.chart)
      if let countryChart {
        append(chartOf: user.country) { $0.appendPairs(countryChart) }
      }
      append("\n")
    case .csv:
      appendRows(user, "user", user.chart)
      if let countryChart { appendRows(user, "country", countryChart) }
    case .jsonl:
      append("{\"user_id\":")
      append(decimal: user.id)
      append(",\"country\":\"")
      append(user.country)
      append("\",\"chart\":")
      appendObjects(user.chart)
      if let countryChart {
        append(",\"country_chart\":")
        append(chartOf: user.country) { $0.appendObjects(countryChart) }
      }
      append("}\n")
    }
    if text.count >= Self.flushBytes { try flush() }
  }

  /// Appends an id on a line of its own.
  mutating func append(line id: UInt64) throws {
    append(decimal: id)
    append("\n")
    if text.count >= Self.flushBytes { try flush() }
  }

  /// Writes the text that is still in memory.
  mutating func flush() throws {
    byteCount += text.count
    try file.write(text)
    text.removeAll(keepingCapacity: true)
  }

  /// Appends the text that `write` appends for a country, which is kept for the next record.
  private mutating func append(chartOf country: CountryCode, _ write: (inout Self) -> Void) {
    if let cached = cache[country] {
      text += cached
      return
    }
    let start = text.count
    write(&self)
    if cachedBytes + text.count - start <= Self.maxCachedBytes {
      cachedBytes += text.count - start
      cache[country] = Array(text[start...])
    }
  }

  private mutating func appendPairs(_ chart: [ChartedSong]) {
    for (index, song) in chart.enumerated() {
      append(index == 0 ? "|" : ",")
      append(decimal: song.song)
      append(":")
      append(decimal: song.streams)
    }
  }

  private mutating func appendRows(
    _ user: PublishedUsers.User, _ name: StaticString, _ chart: [ChartedSong]
  ) {
    for (index, song) in chart.enumerated() {
      append(decimal: user.id)
      append(",")
      append(user.country)
      append(",")
      append(name)
      append(",")
      append(decimal: UInt64(index + 1))
      append(",")
      append(decimal: song.song)
      append(",")
      append(decimal: song.streams)
      append("\n")
    }
  }

  private mutating func appendObjects(_ chart: [ChartedSong]) {
    append("[")
    for (index, song) in chart.enumerated() {
      append(index == 0 ? "{\"sng_id\":" : ",{\"sng_id\":")
      append(decimal: song.song)
      append(",\"streams\":")
      append(decimal: song.streams)
      append("}")
    }
    append("]")
  }

  private mutating func append(_ country: CountryCode) {
    text += country.description.utf8
  }

  private mutating func append(_ literal: StaticString) {
    unsafe text.append(
      contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  private mutating func append(decimal value: UInt64) {
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var start = digits.count
    var rest = value
    repeat {
      start -= 1
      digits[start] = UInt8(truncatingIfNeeded: rest % 10) + 48
      rest /= 10
    } while rest > 0
    unsafe digits.span.extracting(start...).withUnsafeBufferPointer {
      unsafe text.append(contentsOf: $0)
    }
  }
}
