internal import ChartmillModel
internal import ChartmillSystem

/// Turns the records of a user partition into the lines of the two user files.
///
/// Time: a few ns per record, and about 15 ns per song that is written. Memory: the chart, and a
/// counter per country for users with several countries.
@safe struct UserChartBuilder: ChartBuilder {
  // The indices of the two files of the output.
  private static let chartFile = 0
  private static let countryFile = 1

  var parts: PartWriter
  private(set) var streams: UInt64 = 0
  private(set) var usersByStreams = StreamHistogram()

  private let scheme: PartitionScheme
  private let countries: CountryList
  private let format: ChartFormat
  private var partition: UInt64 = 0

  // The user and the song that are being read: the group and the item of the last record.
  private var isOpen = false
  private var group: UInt64 = 0
  private var item: UInt64 = 0
  private var songStreams: UInt64 = 0
  private var top: TopSongs
  /// The country of the user's records so far, as long as there is only one.
  private var attribute: UInt64 = 0
  /// The streams of that country.
  private var attributeStreams: UInt64 = 0
  /// The streams in each country, once the user has several.
  private let countryStreams: UnsafeMutablePointer<UInt64>
  /// The countries of a user that has several, in the order in which they came.
  private let severalAttributes: UnsafeMutablePointer<UInt8>
  private var severalAttributesCount = 0
  private var hasSeveralAttributes: Bool { severalAttributesCount > 0 }

  /// The memory of a builder.
  @safe struct Memory {
    let top: TopSongs
    let countryStreams: UnsafeMutablePointer<UInt64>
    let severalAttributes: UnsafeMutablePointer<UInt8>

    init(in arena: Arena, top: Int) {
      self.top = TopSongs(limit: top, in: arena)
      unsafe countryStreams = unsafe arena.allocate(UInt64.self, CountryList.maxCount)
      unsafe severalAttributes = unsafe arena.allocate(UInt8.self, CountryList.maxCount)
    }
  }

  init(
    _ memory: Memory, scheme: PartitionScheme, countries: CountryList, format: ChartFormat,
    parts: PartWriter
  ) {
    self.format = format
    self.scheme = scheme
    self.countries = countries
    self.parts = parts
    top = memory.top
    unsafe countryStreams = unsafe memory.countryStreams
    unsafe countryStreams.update(repeating: 0, count: CountryList.maxCount)
    unsafe severalAttributes = unsafe memory.severalAttributes
  }

  mutating func begin(_ partition: Int) {
    self.partition = UInt64(partition)
    parts.begin(partition, headers: [format.chartHeader(.user), format.userCountryHeader])
  }

  @inline(__always)
  mutating func add(group: UInt64, item: UInt64, attribute: UInt64, streams: UInt64) throws {
    if isOpen, group == self.group, item == self.item {
      songStreams &+= streams
    } else {
      if isOpen {
        top.insert(song: self.item, streams: songStreams)
        if group != self.group { try writeUser() }
      }
      isOpen = true
      self.group = group
      self.item = item
      songStreams = streams
    }
    if attribute == self.attribute, !hasSeveralAttributes {
      attributeStreams &+= streams
    } else {
      addToCountry(attribute, streams)
    }
  }

  mutating func end() throws {
    if isOpen {
      top.insert(song: item, streams: songStreams)
      try writeUser()
      isOpen = false
    }
    try parts.end()
  }

  private mutating func addToCountry(_ attribute: UInt64, _ streams: UInt64) {
    if !hasSeveralAttributes {
      if attributeStreams == 0 {
        self.attribute = attribute
        attributeStreams = streams
        return
      }
      add(attributeStreams, to: self.attribute)
    }
    add(streams, to: attribute)
  }

  private mutating func add(_ streams: UInt64, to attribute: UInt64) {
    if unsafe countryStreams[Int(attribute)] == 0 {
      unsafe severalAttributes[severalAttributesCount] = UInt8(truncatingIfNeeded: attribute)
      severalAttributesCount += 1
    }
    unsafe countryStreams[Int(attribute)] += streams
  }

  /// Takes the country with the most streams, and the streams of all countries. If several
  /// countries have the same number of streams, it is the first by code, which has the smallest
  /// index.
  private mutating func takeCountry() -> (country: UInt64, streams: UInt64) {
    defer {
      attributeStreams = 0
      severalAttributesCount = 0
    }
    guard hasSeveralAttributes else { return (attribute, attributeStreams) }
    var best: (country: UInt64, streams: UInt64) = (0, 0)
    var sum: UInt64 = 0
    for index in 0..<severalAttributesCount {
      let country = unsafe UInt64(severalAttributes[index])
      let streams = unsafe countryStreams[Int(country)]
      if streams > best.streams || (streams == best.streams && country < best.country) {
        best = (country, streams)
      }
      sum += streams
      unsafe countryStreams[Int(country)] = 0
    }
    return (best.country, sum)
  }

  /// Writes the two lines of the user whose songs are in `top`.
  private mutating func writeUser() throws {
    let (country, streams) = takeCountry()
    guard country < countries.count else {
      throw SpillError.corrupt(path: "user partition \(partition)", offset: 0)
    }
    self.streams &+= streams
    usersByStreams.add(userWith: streams)
    let user = scheme.user(partition: partition, quotient: group)
    let (chart, format) = (top, format)
    try parts.appendEntry(to: Self.chartFile) { text in
      text.append(.user(user), chart: chart, as: format)
    }
    top.removeAll()
    let letters = countries.letters(at: UInt8(truncatingIfNeeded: country))
    try parts.appendEntry(to: Self.countryFile) { text in
      text.append(countryOf: user, letters, as: format)
      return 1
    }
  }
}
