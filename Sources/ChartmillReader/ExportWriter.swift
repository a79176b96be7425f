internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// Writes the records of an export, one per user, in one of the formats of charts.
///
/// Time: about 3 ns per byte, and the time to write it. Memory: a buffer of `flushBytes`, one record,
/// `maxCachedBytes` of charts of countries, and at most 8 MiB of titles.
struct ExportWriter {
  /// The size at which the text in memory is written, in bytes.
  private static let flushBytes = 256 << 10
  /// The maximum size of the charts of countries that are kept as text, in bytes. It is enough for
  /// the top 100 songs of every country.
  private static let maxCachedBytes = 2 << 20
  /// The number of titles that are kept as text, a power of two.
  private static let cachedTitles = 1 << 14
  /// The maximum size of a title that is kept as text, in bytes.
  private static let maxCachedTitleBytes = 400

  /// The title and the artist of a song as they are in a record.
  private struct TitleText {
    /// `UInt64.max`, which is no song, in an unused entry.
    var song = UInt64.max
    var text: [UInt8] = []
    var isKnown = false
  }

  private let format: ChartFormat
  private let file: File
  private let titles: SongTitles?
  private var text: [UInt8] = []
  /// The number of bytes of all records so far.
  private(set) var byteCount = 0
  /// The number of songs in users' charts that have no title.
  private(set) var untitled = 0
  /// The text of charts of countries, which are the same in every record of a country. A line of
  /// CSV has the user, so it is not kept.
  private var cache: [CountryCode: [UInt8]] = [:]
  private var cachedBytes = 0
  /// The titles that were used last, by the hash of their song.
  private var titleCache: [TitleText] = []

  /// - Parameter titles: the titles of songs; nil for records without titles and names.
  /// - Precondition: the format is not `text` if there are titles.
  init(_ format: ChartFormat, titles: SongTitles? = nil, to file: File) {
    precondition(format != .text || titles == nil, "a title could contain the separators")
    self.format = format
    self.titles = titles
    self.file = file
    text.reserveCapacity(Self.flushBytes + (64 << 10))
    if titles != nil { titleCache = Array(repeating: TitleText(), count: Self.cachedTitles) }
    if format == .csv {
      append("user_id,country,")
      if titles != nil { append("country_name,") }
      append("chart,rank,sng_id,")
      if titles != nil { append("title,artist,") }
      append("streams\n")
    }
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
        try append(chartOf: user.country) { $0.appendPairs(countryChart) }
      }
      append("\n")
    case .csv:
      try appendRows(user, "user", user.chart)
      if let countryChart {
        let untitled = untitled
        try appendRows(user, "country", countryChart)
        self.untitled = untitled
      }
    case .jsonl:
      append("{\"user_id\":")
      append(decimal: user.id)
      append(",\"country\":\"")
      append(user.country)
      append("\",")
      if titles != nil {
        append("\"country_name\":")
        append(json: user.country.name)
        append(",")
      }
      append("\"chart\":")
      try appendObjects(user.chart)
      if let countryChart {
        append(",\"country_chart\":")
        try append(chartOf: user.country) { try $0.appendObjects(countryChart) }
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
  private mutating func append(
    chartOf country: CountryCode, _ write: (inout Self) throws -> Void
  ) throws {
    if let cached = cache[country] {
      text += cached
      return
    }
    let (start, untitled) = (text.count, untitled)
    try write(&self)
    self.untitled = untitled
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
  ) throws {
    for (index, song) in chart.enumerated() {
      append(decimal: user.id)
      append(",")
      append(user.country)
      append(",")
      if titles != nil {
        append(csv: user.country.name)
        append(",")
      }
      append(name)
      append(",")
      append(decimal: UInt64(index + 1))
      append(",")
      append(decimal: song.song)
      append(",")
      if titles != nil {
        try appendTitle(of: song.song)
        append(",")
      }
      append(decimal: song.streams)
      append("\n")
    }
  }

  private mutating func appendObjects(_ chart: [ChartedSong]) throws {
    append("[")
    for (index, song) in chart.enumerated() {
      append(index == 0 ? "{\"sng_id\":" : ",{\"sng_id\":")
      append(decimal: song.song)
      if titles != nil {
        append(",\"title\":")
        try appendTitle(of: song.song)
      }
      append(",\"streams\":")
      append(decimal: song.streams)
      append("}")
    }
    append("]")
  }

  /// Appends the value of the title, and then the artist.
  private mutating func appendTitle(of song: UInt64) throws {
    // Fibonacci hashing (Knuth, TAOCP vol. 3, 6.4).
    let hash = (song &* 0x9e37_79b9_7f4a_7c15) >> 40
    let slot = Int(hash) & (Self.cachedTitles - 1)
    if titleCache[slot].song == song {
      text += titleCache[slot].text
      if !titleCache[slot].isKnown { untitled += 1 }
      return
    }
    let title = try titles?.title(of: song)
    let start = text.count
    if format == .csv {
      append(csv: title?.title)
      append(",")
      append(csv: title?.artist)
    } else {
      append(json: title?.title)
      append(",\"artist\":")
      append(json: title?.artist)
    }
    if title == nil { untitled += 1 }
    if text.count - start <= Self.maxCachedTitleBytes {
      titleCache[slot] = TitleText(
        song: song, text: Array(text[start...]), isKnown: title != nil)
    }
  }

  /// Appends a string of JSON (RFC 8259), or `null`.
  private mutating func append(json value: String?) {
    guard let value else { return append("null") }
    append("\"")
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        text.append(UInt8(ascii: "\\"))
        text.append(byte)
      case 0..<32:
        append(byte < 16 ? "\\u000" : "\\u001")
        text.append(contentsOf: String(byte & 15, radix: 16).utf8)
      default: text.append(byte)
      }
    }
    append("\"")
  }

  /// Appends a field of CSV (RFC 4180), in quotes if it needs them. A missing value is an empty field,
  /// and an empty text is in quotes, as PostgreSQL tells them apart.
  private mutating func append(csv value: String?) {
    guard let value else { return }
    let isPlain =
      !value.isEmpty
      && value.utf8.allSatisfy { $0 >= 32 && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\"") }
      && value.utf8.first != 32 && value.utf8.last != 32
    if isPlain {
      text += value.utf8
      return
    }
    append("\"")
    for byte in value.utf8 {
      if byte == UInt8(ascii: "\"") { text.append(byte) }
      text.append(byte)
    }
    append("\"")
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
