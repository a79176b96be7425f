import Testing

@testable import ChartmillCore
@testable import ChartmillSynth

/// A layout of keys and a sequence of records to sort.
struct SortCase: CustomTestStringConvertible, Sendable {
  let name: String
  let layout: KeyLayout
  let record: @Sendable (_ index: Int, inout RandomStream) -> (group: UInt64, item: UInt64)

  var testDescription: String { name }

  /// A case whose fields have these widths. If they fit, packed keys are sorted too.
  init(
    _ name: String, _ groupBits: Int, _ itemBits: Int,
    _ record: @escaping @Sendable (Int, inout RandomStream) -> (UInt64, UInt64)
  ) {
    self.name = name
    layout = KeyLayout(groupBits: groupBits, itemBits: itemBits, attributeBits: 8, countBits: 0)
    self.record = record
  }

  private static func bits(_ count: UInt64, _ random: inout RandomStream) -> UInt64 {
    random.next() >> (64 - count)
  }

  /// 0, 1, 2^62 or 2^62 + 1, which differ only at the two ends of the field.
  private static func ends(_ random: inout RandomStream) -> UInt64 {
    let bits = bits(2, &random)
    return (bits >> 1) << 62 | bits & 1
  }

  static let all: [SortCase] = [
    SortCase("all equal", 20, 30) { _, _ in (7, 99) },
    SortCase("all zero, no bits", 0, 0) { _, _ in (0, 0) },
    SortCase("sorted", 20, 30) { index, _ in (UInt64(index / 7), UInt64(index)) },
    SortCase("reverse", 20, 30) { index, _ in (UInt64(100_000 - index), UInt64(index)) },
    SortCase("saw", 20, 30) { index, _ in (UInt64(index % 5), UInt64(index * 31 % 64)) },
    SortCase("random", 20, 36) { _, random in (bits(20, &random), bits(36, &random)) },
    SortCase("one bucket at the top", 28, 28) { _, random in
      (1 << 27, 1 << 27 | bits(8, &random))
    },
    SortCase("last bit only", 28, 28) { _, random in (1 << 27 | bits(1, &random), 5) },
    SortCase("one stray", 28, 28) { index, random in
      index == 50 ? ((1 << 28) - 1, (1 << 28) - 1) : (3, bits(6, &random))
    },
    SortCase("powers of two", 28, 28) { _, random in
      (1 << (random.next() % 28), 1 << (random.next() % 28))
    },
    SortCase("groups only", 56, 0) { _, random in (bits(56, &random), 0) },
    SortCase("items only", 0, 56) { _, random in (0, bits(56, &random)) },
    SortCase("wide, random", 63, 63) { _, random in (bits(63, &random), bits(63, &random)) },
    SortCase("wide, equal groups", 63, 63) { _, random in (1 << 62, bits(63, &random)) },
    SortCase("wide, ends only", 63, 63) { _, random in (ends(&random), ends(&random)) },
    SortCase("wide, few", 63, 63) { _, random in
      (1 << 60 | bits(1, &random), 1 << 61 | bits(2, &random))
    },
  ]
}

@Suite struct RadixSortTests {
  private static let counts = [0, 1, 2, 19, 20, 21, 64, 255, 256, 1000, 20_000]

  /// Sorts and compares with the standard library's sort. The attribute is the record's position,
  /// which must stay with its record. Equal records may be in any order.
  private func check<Key: RecordKey>(_: Key.Type, _ test: SortCase) {
    let layout = test.layout
    for count in Self.counts {
      var random = RandomStream(seed: UInt64(count))
      let records = (0..<count).map { index -> (UInt64, UInt64, UInt64) in
        let (group, item) = test.record(index, &random)
        return (group, item, UInt64(index & 255))
      }
      let keys = UnsafeMutablePointer<Key>.allocate(capacity: count + 1)
      let scratch = UnsafeMutablePointer<Key>.allocate(capacity: count + 1)
      let counters = UnsafeMutablePointer<UInt32>.allocate(capacity: radixSortCounts)
      defer {
        keys.deallocate()
        scratch.deallocate()
        counters.deallocate()
      }
      for (index, record) in records.enumerated() {
        keys[index] = Key(
          group: record.0, item: record.1, attribute: record.2, count: 1, layout: layout)
      }
      RadixSort<Key>(layout: layout, counts: counters).sort(keys, count: count, scratch: scratch)
      let sorted = (0..<count).map { index in
        (keys[index].group(layout), keys[index].item(layout), keys[index].attribute(layout))
      }
      let isSorted =
        sorted.elementsEqual(records.sorted(by: <)) { $0.0 == $1.0 && $0.1 == $1.1 }
        && sorted.sorted(by: <).elementsEqual(records.sorted(by: <), by: ==)
      #expect(isSorted, "\(Key.self), \(count) records")
    }
  }

  @Test(arguments: SortCase.all)
  func sortsAsTheStandardLibraryDoes(_ test: SortCase) {
    if test.layout.isPackable { check(PackedKey.self, test) }
    check(WideKey.self, test)
  }
}
