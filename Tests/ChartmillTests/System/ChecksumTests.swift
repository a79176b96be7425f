import Testing

@testable import ChartmillSynth
@testable import ChartmillSystem

@Suite struct ChecksumTests {
  private func sum(_ bytes: some Collection<UInt8>) -> Checksum {
    Array(bytes).withUnsafeBytes { Checksum(of: $0) }
  }

  @Test func knownValues() {
    #expect(sum("123456789".utf8).hex == "cbf43926")
    #expect(sum([]) == Checksum())
    #expect(sum([]).hex == "00000000")
    #expect(sum([0]).hex == "d202ef8d")
  }

  @Test func piecesGiveTheChecksumOfTheirConcatenation() {
    var random = RandomStream(seed: 4)
    let bytes = (0..<5000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let whole = sum(bytes)
    for cut in [0, 1, 2, 63, 64, 65, 1000, 4999, 5000] {
      var combined = sum(bytes[..<cut])
      combined.append(sum(bytes[cut...]))
      #expect(combined == whole)
      var grown = sum(bytes[..<cut])
      bytes[cut...].withUnsafeBytes { grown.append($0) }
      #expect(grown == whole)
    }
    var many = Checksum()
    for start in stride(from: 0, to: 5000, by: 7) {
      many.append(sum(bytes[start..<min(start + 7, 5000)]))
    }
    #expect(many == whole)
  }
}
