import Foundation
import Testing

@testable import ChartmillCore
@testable import ChartmillSynth
@testable import ChartmillSystem

/// A spill file of rows, written by `RowStore` as a worker does, and read back.
struct SpillFixture {
  struct Row: Hashable {
    var song: UInt64
    var user: UInt64
    var country: UInt8
  }

  let folder: TemporaryFolder
  let file: File
  let scheme: PartitionScheme
  let spilledBytes: Int
  let spilledRuns: Int

  /// - Parameter arenaBytes: the worker's memory. A small one gives many segments.
  init(_ rows: [Row], partitions: Int, arenaBytes: Int = 8 << 20) throws {
    folder = try TemporaryFolder()
    file = try File.create(folder.path(of: "spill.gz"))
    scheme = PartitionScheme(partitions: partitions)
    let arena = try Arena(byteCount: arenaBytes)
    var batch = RowBatch(arena.allocate(RowBatch.byteCount))
    var store = RowStore(
      RowStore.Memory(in: arena, partitionBits: scheme.bits), scheme: scheme, deflate: Deflate(),
      file: file)
    for start in stride(from: 0, to: rows.count, by: RowBatch.capacity) {
      batch.removeAll()
      for row in rows[start..<min(start + RowBatch.capacity, rows.count)] {
        batch.users[batch.count] = row.user
        batch.songs[batch.count] = row.song
        batch.countries[batch.count] = row.country
        batch.userBits |= row.user
        batch.songBits |= row.song
        batch.count += 1
      }
      try store.append(batch)
    }
    try store.flush()
    spilledBytes = store.spilledBytes
    spilledRuns = store.spilledRuns
  }

  var spillFile: SpillFile { SpillFile(file: file, end: spilledBytes) }

  static func randomRows(
    _ count: Int, seed: UInt64, users: UInt64, songs: UInt64, outlierIn share: Int = 0
  ) -> [Row] {
    var random = RandomStream(seed: seed)
    return (0..<count).map { index in
      let far: UInt64 = share > 0 && index % share == 0 ? 1 << 61 : 0
      return Row(
        song: far + random.next() % songs, user: far / 2 + random.next() % users,
        country: UInt8(random.next() % 249))
    }
  }

  /// All records of the sorted runs of users and of countries, as counted rows.
  static func readAll(_ spill: SpillFile, _ scheme: PartitionScheme) throws -> (
    users: [Row: Int], countries: [Row: Int]
  ) {
    let arena = try Arena(byteCount: 4 << 20)
    var reader = SortedRunReader(SortedRunReader.Memory(in: arena), deflate: Deflate())
    let folder = try TemporaryFolder()
    let index = try SortedRunIndex(
      of: [spill], partitionBits: scheme.bits, arena: Arena(byteCount: 4 << 20),
      spillFolder: folder.path)
    let layout = KeyLayout(groupBits: 63, itemBits: 63, attributeBits: 8, countBits: 4)
    let keys = UnsafeMutablePointer<WideKey>.allocate(capacity: SpillFormat.blockRecords)
    defer { keys.deallocate() }
    var users: [Row: Int] = [:]
    var countries: [Row: Int] = [:]
    for kind in RecordKind.allCases {
      for partition in 0..<scheme.count {
        for run in try index.runs(kind, partition) {
          var run = run
          var records = 0
          var last: (UInt64, UInt64) = (0, 0)
          while !run.isAtEnd {
            let count = try reader.readBlock(of: &run, into: keys, layout)
            records += count
            for index in 0..<count {
              let (group, item) = (keys[index].groupField, keys[index].itemField)
              #expect((group, item) >= last)
              last = (group, item)
              let streams = Int(keys[index].countField)
              switch kind {
              case .user:
                let user = scheme.user(partition: UInt64(partition), quotient: group)
                let row = Row(song: item, user: user, country: UInt8(keys[index].attributeField))
                users[row, default: 0] += streams
              case .country:
                let song = scheme.song(
                  partition: UInt64(partition), quotient: item, country: group)
                let row = Row(song: song, user: 0, country: UInt8(group))
                countries[row, default: 0] += streams
              }
            }
          }
          #expect(records == run.records)
        }
      }
    }
    return (users, countries)
  }

  /// Reads the sorted runs of users and of countries, and compares both with the rows.
  static func expect(_ spill: SpillFile, _ scheme: PartitionScheme, toHold rows: [Row]) throws {
    let (users, countries) = try readAll(spill, scheme)
    var expectedUsers: [Row: Int] = [:]
    var expectedCountries: [Row: Int] = [:]
    for row in rows {
      expectedUsers[row, default: 0] += 1
      expectedCountries[.init(song: row.song, user: 0, country: row.country), default: 0] += 1
    }
    #expect(users == expectedUsers)
    #expect(countries == expectedCountries)
  }
}
