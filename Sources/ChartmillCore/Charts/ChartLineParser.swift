package import ChartmillModel

/// Parses one line of a file of charts or of user countries, and accepts only the exact form that
/// `ChartLineWriter.swift` writes.
///
/// Each method continues where the previous call ended. Time: linear in the bytes that it takes.
@safe package struct ChartLineParser {
  /// The fields that follow the key in a row of CSV.
  package struct Row {
    package let rank: UInt64
    package let song: UInt64
    package let streams: UInt64
  }

  private static let userStart: StaticString = "{\"user_id\":"
  private static let countryStart: StaticString = "{\"country\":\""

  /// The maximum number of bytes that `user` takes.
  package static let maxUserBytes = userStart.utf8CodeUnitCount + TextBuffer.maxDigits + 1

  private let bytes: UnsafeRawBufferPointer
  private var index = 0

  /// - Parameter bytes: the line without its end. They must outlive the parser.
  package init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.bytes = unsafe bytes
  }

  /// The key of a user's line, with the separator after it.
  ///
  /// - Throws: `.syntax`.
  package mutating func user(_ format: ChartFormat) throws(ChartDifference.Problem) -> UInt64 {
    if format == .jsonl { try expect(Self.userStart) }
    let user = try number()
    try expect(format == .text ? UInt8(ascii: "|") : UInt8(ascii: ","))
    return user
  }

  /// The key of a country's line, with the separator after it.
  ///
  /// - Throws: `.syntax`.
  package mutating func country(
    _ format: ChartFormat
  ) throws(ChartDifference.Problem) -> CountryCode {
    if format == .jsonl { try expect(Self.countryStart) }
    let country = try code()
    switch format {
    case .text: try expect(UInt8(ascii: "|"))
    case .csv: try expect(UInt8(ascii: ","))
    case .jsonl: try expect("\",")
    }
    return country
  }

  /// The rest of a line after its key, which is a complete chart.
  ///
  /// - Parameter songs: takes and checks the songs of the chart.
  /// - Precondition: the format is `text` or `jsonl`.
  /// - Throws: `.syntax`, and what `SongListChecker` throws.
  package mutating func songs(
    _ format: ChartFormat, into songs: inout SongListChecker
  ) throws(ChartDifference.Problem) {
    precondition(format != .csv, "a line of CSV is one row of a chart")
    songs.begin()
    if format == .text {
      repeat {
        let song = try number()
        try expect(UInt8(ascii: ":"))
        try songs.add(song, try streams())
      } while take(UInt8(ascii: ","))
    } else {
      try expect("\"chart\":[")
      repeat {
        try expect("{\"sng_id\":")
        let song = try number()
        try expect(",\"streams\":")
        try songs.add(song, try streams())
        try expect(UInt8(ascii: "}"))
      } while take(UInt8(ascii: ","))
      try expect("]}")
    }
    try expectEnd()
    try songs.checkRepetition()
  }

  /// The rest of a line of CSV after its key.
  ///
  /// - Throws: `.syntax`.
  package mutating func row() throws(ChartDifference.Problem) -> Row {
    let rank = try number()
    try expect(UInt8(ascii: ","))
    let song = try number()
    try expect(UInt8(ascii: ","))
    let streams = try streams()
    try expectEnd()
    return Row(rank: rank, song: song, streams: streams)
  }

  /// A complete line of the file of user countries.
  ///
  /// - Throws: `.syntax`.
  package mutating func userCountry(
    _ format: ChartFormat
  ) throws(ChartDifference.Problem) -> (user: UInt64, country: CountryCode) {
    let user = try user(format)
    if format == .jsonl { try expect("\"country\":\"") }
    let country = try code()
    if format == .jsonl { try expect("\"}") }
    try expectEnd()
    return (user, country)
  }

  /// The difference at the next byte.
  private var syntaxProblem: ChartDifference.Problem { .syntax(column: index + 1) }

  /// Consumes `byte` if it comes next; otherwise consumes nothing.
  @inline(__always)
  private mutating func take(_ byte: UInt8) -> Bool {
    guard unsafe index < bytes.count && bytes[index] == byte else { return false }
    index += 1
    return true
  }

  @inline(__always)
  private mutating func expect(_ byte: UInt8) throws(ChartDifference.Problem) {
    if !take(byte) { throw syntaxProblem }
  }

  private mutating func expect(_ text: StaticString) throws(ChartDifference.Problem) {
    let expected = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    guard unsafe bytes[index...].starts(with: expected) else { throw syntaxProblem }
    index += expected.count
  }

  private func expectEnd() throws(ChartDifference.Problem) {
    if unsafe index != bytes.count { throw syntaxProblem }
  }

  /// Digits without leading zeros, of a number up to 2^63 − 1.
  private mutating func number() throws(ChartDifference.Problem) -> UInt64 {
    let start = index
    var value: UInt64 = 0
    while unsafe index < bytes.count {
      let digit = unsafe bytes[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      // 19 digits fit 64 bits, and a number of 20 digits is above the maximum.
      guard index - start < 19 else { throw syntaxProblem }
      value = value * 10 + UInt64(digit)
      index += 1
    }
    let isCanonical =
      unsafe index > start && (bytes[start] != UInt8(ascii: "0") || index == start + 1)
    guard isCanonical, value <= UInt64(Int64.max) else { throw syntaxProblem }
    return value
  }

  /// A number of streams, at least 1.
  private mutating func streams() throws(ChartDifference.Problem) -> UInt64 {
    let start = index
    let streams = try number()
    guard streams >= 1 else { throw .syntax(column: start + 1) }
    return streams
  }

  private mutating func code() throws(ChartDifference.Problem) -> CountryCode {
    guard unsafe bytes.count - index >= 2,
      let code = unsafe CountryCode(bytes[index], bytes[index + 1])
    else { throw syntaxProblem }
    index += 2
    return code
  }
}
