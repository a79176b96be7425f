package import ChartmillModel

extension ChartFormat {
  /// The first line of a file of charts by `key`, with its line end; empty if the format has none.
  package func chartHeader(_ key: ChartKey.Kind) -> StaticString {
    guard self == .csv else { return "" }
    return switch key {
    case .user: "user_id,rank,sng_id,streams\n"
    case .country: "country,rank,sng_id,streams\n"
    }
  }

  /// The first line of the file of user countries, with its line end; empty if the format has none.
  package var userCountryHeader: StaticString { self == .csv ? "user_id,country\n" : "" }

  /// The maximum size of a chart of `top` songs in bytes, with the header and line ends.
  package func maxChartBytes(top: Int) -> Int {
    switch self {
    case .text: TextBuffer.maxDigits + 2 + top * 2 * (TextBuffer.maxDigits + 1)
    // Key, rank, song and streams. A rank has at most four digits.
    case .csv: 64 + top * (3 * TextBuffer.maxDigits + 8)
    case .jsonl: 64 + top * (2 * TextBuffer.maxDigits + 24)
    }
  }
}

/// The user or the country that a chart belongs to.
package enum ChartKey {
  /// Whether a file has charts of users or of countries.
  package enum Kind {
    case user
    case country
  }

  case user(UInt64)
  /// The two ASCII characters of a country's code.
  case country((UInt8, UInt8))
}

extension TextBuffer {
  /// Appends a chart, and returns the number of lines that it took.
  ///
  /// - Precondition: `maxChartBytes` bytes are free.
  @inline(__always)
  package mutating func append(_ key: ChartKey, chart: borrowing TopSongs, as format: ChartFormat)
    -> Int
  {
    switch format {
    case .text:
      // A local copy stays in registers.
      var text = self
      text.append(key)
      text.append(UInt8(ascii: "|"))
      for place in 0..<chart.count {
        if place > 0 { text.append(UInt8(ascii: ",")) }
        unsafe text.append(decimal: chart.songs[place])
        text.append(UInt8(ascii: ":"))
        unsafe text.append(decimal: chart.streams[place])
      }
      text.append(UInt8(ascii: "\n"))
      self = text
      return 1
    case .csv:
      for place in 0..<chart.count {
        append(key)
        append(UInt8(ascii: ","))
        append(decimal: UInt64(truncatingIfNeeded: place &+ 1))
        append(UInt8(ascii: ","))
        unsafe append(decimal: chart.songs[place])
        append(UInt8(ascii: ","))
        unsafe append(decimal: chart.streams[place])
        append(UInt8(ascii: "\n"))
      }
      return chart.count
    case .jsonl:
      appendObjectStart(key)
      append(",\"chart\":[")
      for place in 0..<chart.count {
        append(place == 0 ? "{\"sng_id\":" : ",{\"sng_id\":")
        unsafe append(decimal: chart.songs[place])
        append(",\"streams\":")
        unsafe append(decimal: chart.streams[place])
        append(UInt8(ascii: "}"))
      }
      append("]}\n")
      return 1
    }
  }

  /// Appends the line of a user's country.
  @inline(__always)
  mutating func append(
    countryOf user: UInt64, _ country: (UInt8, UInt8), as format: ChartFormat
  ) {
    switch format {
    case .text, .csv:
      append(decimal: user)
      append(format == .text ? UInt8(ascii: "|") : UInt8(ascii: ","))
      append(.country(country))
      append(UInt8(ascii: "\n"))
    case .jsonl:
      appendObjectStart(.user(user))
      append(",\"country\":\"")
      append(.country(country))
      append("\"}\n")
    }
  }

  private mutating func appendObjectStart(_ key: ChartKey) {
    switch key {
    case .user:
      append("{\"user_id\":")
      append(key)
    case .country:
      append("{\"country\":\"")
      append(key)
      append(UInt8(ascii: "\""))
    }
  }

  @inline(__always)
  private mutating func append(_ key: ChartKey) {
    switch key {
    case .user(let id):
      append(decimal: id)
    case .country(let letters):
      append(letters.0)
      append(letters.1)
    }
  }

  mutating func append(_ text: StaticString) {
    unsafe append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
