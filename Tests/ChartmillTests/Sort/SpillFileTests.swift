import Foundation
import Testing

@testable import ChartmillCore
@testable import ChartmillSystem

@Suite struct SpillFileTests {
  /// Reading gives the rows that were written, with and without outliers, in one segment or many.
  @Test(arguments: [0, 1, 2, 100, 1000], [1, 16])
  func rowsRoundTrip(outlierIn share: Int, partitions: Int) throws {
    let rows = SpillFixture.randomRows(
      120_000, seed: 1, users: 500, songs: 300, outlierIn: share)
    let spill = try SpillFixture(rows, partitions: partitions, arenaBytes: 4 << 20)
    try SpillFixture.expect(spill.spillFile, spill.scheme, toHold: rows)
    #expect(try spill.file.status().byteCount == spill.spilledBytes)
  }

  /// Reading gives the rows for all kinds of prefixes: no bits beyond the partition, some bits, and
  /// all 16.
  @Test(arguments: [(36, 36), (22, 50), (20, 52), (30, 34), (24, 24)], [1, 2, 64, 1024])
  func rowsOfEveryPrefixComeBack(_ bits: (user: Int, song: Int), partitions: Int) throws {
    let rows = SpillFixture.randomRows(
      6000, seed: 4, users: 1 << UInt64(bits.user), songs: 1 << UInt64(bits.song))
    let spill = try SpillFixture(rows, partitions: partitions)
    try SpillFixture.expect(spill.spillFile, spill.scheme, toHold: rows)
  }

  /// gzip(1) accepts a spill file, and the number of decompressed bytes is the one that its members
  /// give.
  @Test(arguments: [0, 50, 1], [1, 64, 1024])
  func gzipReadsASpillFile(outlierIn share: Int, partitions: Int) throws {
    let rows = SpillFixture.randomRows(
      60_000, seed: 2, users: 20_000, songs: 1 << 31, outlierIn: share)
    let spill = try SpillFixture(rows, partitions: partitions, arenaBytes: 6 << 20)
    let path = spill.folder.path(of: "spill.gz")
    try withExtendedLifetime(spill) {
      #expect(try Tool.run("gzip", "-t", path).status == 0)
      let bytes = try spill.folder.readBytes("spill.gz")
      var members = 0
      var payload = 0
      try bytes.withUnsafeBytes { bytes in
        var rest = UnsafeRawBufferPointer(rebasing: bytes[...])
        while !rest.isEmpty {
          let length = try #require(GzipMember.length(rest))
          payload += Int(
            rest.loadUnaligned(fromByteOffset: length - 4, as: UInt32.self).littleEndian)
          members += 1
          rest = UnsafeRawBufferPointer(rebasing: rest[length...])
        }
      }
      #expect(members > 2 * spill.spilledRuns)
      let text = try Tool.run("zcat", path)
      #expect(text.status == 0 && text.output.count == payload)
    }
  }

  /// Damage in any byte gives an error. It never causes a crash or different rows.
  @Test(arguments: [0, 3])
  func everyFlippedBitIsFound(outlierIn share: Int) throws {
    let rows = SpillFixture.randomRows(40, seed: 3, users: 9, songs: 1 << 20, outlierIn: share)
    let spill = try SpillFixture(rows, partitions: 2)
    let whole = try spill.folder.readBytes("spill.gz")
    let expected = try SpillFixture.readAll(spill.spillFile, spill.scheme)
    let damaged = try File.create(spill.folder.path(of: "damaged"))
    try damaged.write(whole)
    let damagedSpill = SpillFile(file: damaged, end: whole.count)
    for index in whole.indices {
      for bit in [0, 3, 7] {
        try [whole[index] ^ 1 << UInt8(bit)].withUnsafeBytes { try damaged.write($0, at: index) }
        do {
          let read = try SpillFixture.readAll(damagedSpill, spill.scheme)
          // The time, flags and system in a gzip header do not affect the content.
          #expect(read.users == expected.users && read.countries == expected.countries)
        } catch SpillError.corrupt {
          // This is the expected error.
        }
      }
      try [whole[index]].withUnsafeBytes { try damaged.write($0, at: index) }
    }
    #expect(try SpillFixture.readAll(damagedSpill, spill.scheme).users == expected.users)
  }

  @Test func everyTruncationIsFound() throws {
    let rows = SpillFixture.randomRows(40, seed: 3, users: 9, songs: 1 << 20, outlierIn: 3)
    let spill = try SpillFixture(rows, partitions: 2)
    for count in (1..<spill.spilledBytes).reversed() {
      try spill.file.truncate(to: count)
      #expect(throws: SpillError.self, "cut to \(count)") {
        try SpillFixture.readAll(SpillFile(file: spill.file, end: count), spill.scheme)
      }
    }
  }
}
