import Testing

@testable import ChartmillCore
@testable import ChartmillModel
@testable import ChartmillSystem

@Suite struct CountryListTests {
  @Test func isoHas249CodesInAlphabeticalOrder() {
    let list = CountryList.iso3166
    #expect(list.count == 249)
    let codes = (0..<list.count).map { list.code(at: UInt8($0)) }
    #expect(codes == codes.sorted())
    #expect(Set(codes).count == 249)
    for (index, code) in codes.enumerated() {
      let bytes = Array(code.utf8)
      #expect(list.index(bytes[0], bytes[1]).map(Int.init) == index)
    }
    for code in ["XK", "UK", "EU", "AN", "SU", "YU", "ZZ"] { #expect(!codes.contains(code)) }
    for code in ["BQ", "CW", "SX", "SS", "GB", "AX"] { #expect(codes.contains(code)) }
  }

  @Test func bytesThatAreNoCodeAreRefused() {
    let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
    for code in ["A0", "Z9", "T1", "A:", "A@"] {
      let bytes = Array(code.utf8)
      #expect(CountryList.iso3166.index(bytes[0], bytes[1]) == nil)
    }
    for first in UInt8.min...UInt8.max {
      for second in UInt8.min...UInt8.max
      where !(letters.contains(first) && letters.contains(second)) {
        if CountryList.iso3166.index(first, second) != nil { Issue.record("\(first) \(second)") }
      }
    }
  }

  @Test func addedCodesAreInAlphabeticalOrder() throws {
    let list = try #require(CountryList.iso3166.adding("XK"))
    #expect(list.count == 250)
    let index = try #require(list.index(UInt8(ascii: "X"), UInt8(ascii: "K")))
    #expect(list.code(at: index) == "XK" && list.code(at: index - 1) == "WS")
    #expect(list.adding("FR") == list)
    let digits = try #require(list.adding("X1")?.adding("X9"))
    let codes = (0..<digits.count).map { digits.code(at: UInt8($0)) }
    #expect(digits.count == 252 && codes == codes.sorted() && codes.contains("X1"))
    #expect(digits.index(UInt8(ascii: "X"), UInt8(ascii: "9")).map { codes[Int($0)] } == "X9")
    for code in ["", "X", "XKX", "xk", "1X", "11", "X:", "X@", "É"] {
      #expect(list.adding(code) == nil)
    }
    var full = list
    for code in ["AA", "AB", "AC", "AH", "AJ", "AK"] { full = try #require(full.adding(code)) }
    #expect(full.count == 256 && full.adding("AN") == nil && full.adding("AA") == full)
  }

  @Test func readsAFile() throws {
    let folder = LogFixture()
    let path = folder.write("codes", "# ours\nFR\r\n\n  DE # Germany\nXK\nFR")
    let list = try CountryList(contentsOf: path)
    #expect((0..<list.count).map { list.code(at: UInt8($0)) } == ["DE", "FR", "XK"])
    let other = try CountryList(contentsOf: folder.write("other", "\u{FEFF}FR\r\nDE\r\nXK"))
    #expect(other == list)
  }

  @Test func refusesABadFile() {
    let folder = LogFixture()
    let letters = (65...90).map { String(UnicodeScalar(UInt8($0))) }
    let all: [String] = letters.flatMap { first in letters.map { first + $0 } }
    let cases: [(text: String, line: Int)] = [
      ("FR\nfr\n", 2), ("FR DE\n", 1), ("FR\n\nFRA", 3), ("# none\n", 2), ("", 1),
      (all.prefix(257).joined(separator: "\n"), 257),
      (String(repeating: "#", count: CountryList.maximumFileByteCount + 1), 1),
    ]
    for (text, expected) in cases {
      let path = folder.write("codes", text)
      do {
        _ = try CountryList(contentsOf: path)
        Issue.record("accepted: \(text.prefix(20))")
      } catch {
        guard let error = error as? CountryFileError, error.path == path, error.line == expected
        else {
          Issue.record("\(text.prefix(20)): \(error)")
          continue
        }
      }
    }
    let full = folder.write("full", all.prefix(256).joined(separator: "\n"))
    #expect((try? CountryList(contentsOf: full))?.count == 256)
    #expect(throws: LogError.notARegularFile(path: folder.path)) {
      try CountryList(contentsOf: folder.path)
    }
    #expect(throws: SystemError.self) { try CountryList(contentsOf: folder.path + "/absent") }
    #expect(throws: LogError.notARegularFile(path: folder.makeFifo("fifo"))) {
      try CountryList(contentsOf: folder.path + "/fifo")
    }
  }
}
