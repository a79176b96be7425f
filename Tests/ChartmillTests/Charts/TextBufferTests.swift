import Testing

@testable import ChartmillCore
@testable import ChartmillModel
@testable import ChartmillSynth
@testable import ChartmillSystem

@Suite struct TextBufferTests {
  @Test func decimalsAreThoseOfTheStandardLibrary() throws {
    let arena = try Arena(byteCount: 64 << 10)
    var buffer = TextBuffer(TextBuffer.Memory(in: arena, byteCount: 4096))
    var values: [UInt64] = [0, 5, 10, 99, 100, UInt64(Int64.max), .max, .max - 1]
    var power: UInt64 = 1
    for _ in 0..<19 {
      power *= 10
      values += [power - 1, power, power + 1, power / 2, power - power / 10 + 7]
    }
    var random = RandomStream(seed: 1)
    for bits in 0..<64 { values += (0..<20).map { _ in random.next() >> UInt64(bits) } }
    for value in values {
      buffer.removeAll()
      buffer.append(UInt8(ascii: "<"))
      buffer.append(decimal: value)
      buffer.append(UInt8(ascii: ">"))
      #expect(String(decoding: buffer.contents, as: UTF8.self) == "<\(value)>")
    }
    #expect(buffer.capacity == 4096 && buffer.free == 4096 - buffer.count)
  }

  @Test(arguments: ChartFormat.allCases, [1, 50, 1000])
  func theLongestChartFits(format: ChartFormat, top: Int) throws {
    let maxBytes = format.maxChartBytes(top: top)
    let arena = try Arena(byteCount: maxBytes + 8192 + 16 * top)
    var buffer = TextBuffer(TextBuffer.Memory(in: arena, byteCount: (maxBytes + 63) & ~63))
    var chart = TopSongs(limit: top, in: arena)
    for _ in 0..<top { chart.insert(song: .max, streams: .max) }
    buffer.append(format.chartHeader(.user))
    let lines = buffer.append(.user(.max), chart: chart, as: format)
    #expect(buffer.count <= maxBytes)
    #expect(lines == (format == .csv ? top : 1))
    if format == .text {
      let pair = "\(UInt64.max):\(UInt64.max)"
      #expect(
        String(decoding: buffer.contents, as: UTF8.self)
          == "\(UInt64.max)|" + Array(repeating: pair, count: top).joined(separator: ",") + "\n")
    }
  }
}
