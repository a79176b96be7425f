import Foundation
import Testing

@testable import ChartmillSynth
@testable import ChartmillSystem

@Suite struct GzipMemberTests {
  private static let lengths = [0, 1, 2, 100, 4096, 65_534, 65_535, 65_536, 131_070, 200_000]

  private enum Content: CaseIterable {
    case zeros, text, noise
  }

  private func payload(_ content: Content, _ count: Int) -> [UInt8] {
    var random = RandomStream(seed: UInt64(count))
    switch content {
    case .zeros: return [UInt8](repeating: 0, count: count)
    case .text: return (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 7) }
    case .noise: return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }
  }

  /// The member of a payload, made in memory of exactly the size that it may need.
  private func member(_ payload: [UInt8], deflate: Deflate?) -> [UInt8] {
    let count =
      deflate == nil ? GzipMember.storedBytes(payload.count) : GzipMember.bound(payload.count)
    var bytes = [UInt8](repeating: 0xAA, count: count)
    let length = bytes.withUnsafeMutableBytes { output in
      payload.withUnsafeBytes { input in
        deflate.map { GzipMember.writeDeflated(input, into: output, $0) }
          ?? GzipMember.writeStored(input, into: output)
      }
    }
    return Array(bytes.prefix(length))
  }

  private func read(_ member: [UInt8], room: Int, _ deflate: Deflate) -> [UInt8]? {
    var output = [UInt8](repeating: 0x55, count: room)
    let count = output.withUnsafeMutableBytes { output in
      member.withUnsafeBytes { GzipMember.read($0, into: output, deflate: deflate) }
    }
    return count.map { Array(output.prefix($0)) }
  }

  @Test func membersRoundTripAndGzipReadsThem() throws {
    let deflate = Deflate()
    let folder = try TemporaryFolder()
    var all: [UInt8] = []
    var text: [UInt8] = []
    for content in Content.allCases {
      for length in Self.lengths {
        let payload = payload(content, length)
        for codec in [deflate, nil] {
          let member = member(payload, deflate: codec)
          #expect(read(member, room: length, deflate) == payload)
          #expect(read(member, room: length + 100, deflate) == payload)
          if length > 0 { #expect(read(member, room: length - 1, deflate) == nil) }
          if codec == nil { #expect(member.count == GzipMember.storedBytes(length)) }
          #expect(member.withUnsafeBytes { GzipMember.length($0) } == member.count)
          all += member
          text += payload
        }
      }
    }
    try folder.write(all, to: "members.gz")
    try withExtendedLifetime(folder) {
      #expect(try Tool.run("gzip", "-t", folder.path(of: "members.gz")).status == 0)
      let read = try Tool.run("zcat", folder.path(of: "members.gz"))
      #expect(read.status == 0 && read.output == text)
    }
  }

  @Test func everyDamageIsFound() {
    let deflate = Deflate()
    let payload = payload(.text, 300)
    for codec in [deflate, nil] {
      let member = member(payload, deflate: codec)
      for index in member.indices {
        var bytes = member
        bytes[index] ^= 1 << UInt8(index % 8)
        let read = read(bytes, room: 400, deflate)
        // Some bits do not affect the payload: the padding of a stored block's header.
        #expect(read == nil || read == payload, "byte \(index)")
        let isOfTheFrame =
          index < GzipMember.headerBytes || index >= member.count - GzipMember.trailerBytes
        if isOfTheFrame { #expect(read == nil, "byte \(index)") }
      }
      for count in 0..<member.count {
        #expect(read(Array(member[..<count]), room: 400, deflate) == nil)
      }
    }
  }
}
