import Testing

@testable import ChartmillModel

@Suite struct CountryNameTests {
  @Test func everyAssignedCodeHasAName() throws {
    var names: Set<String> = []
    for index in 0..<CountryList.iso3166.count {
      let code = try #require(CountryCode(CountryList.iso3166.code(at: UInt8(index))))
      let name = try #require(code.name, "\(code)")
      #expect(names.insert(name).inserted && name.count > 3, "\(code)")
    }
    #expect(names.count == 249)
    #expect(try #require(CountryCode("CI")).label == "Côte d'Ivoire (CI)")
    #expect(try #require(CountryCode("XK")).name == nil)
    #expect(try #require(CountryCode("XK")).label == "XK")
  }
}
