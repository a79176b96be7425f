import Testing

@testable import ChartmillCore
@testable import ChartmillSynth

@Suite struct TwoWayMergeTests {
  /// Attributes tell equal keys apart, so the test sees records that are lost, doubled or out of
  /// order.
  @Test(arguments: [1, 2, 40, 1 << 20])
  func mergingIsStableSorting(keys: UInt64) {
    let layout = KeyLayout(groupBits: 10, itemBits: 20, attributeBits: 24, countBits: 0)
    expectMerged(PackedKey.self, layout, keys: keys)
    expectMerged(WideKey.self, layout, keys: keys)
  }

  private func expectMerged<Key: RecordKey>(_: Key.Type, _ layout: KeyLayout, keys: UInt64) {
    var random = RandomStream(seed: keys)
    let lengths = [0, 1, 2, 3, 17, 100, 1000]
    for first in lengths {
      for second in lengths {
        var attribute: UInt64 = 0
        // Keys of different ranges, so that one array often runs out long before the other.
        let (rangeA, rangeB) = (random.next() % 4, random.next() % 4)
        func sortedArray(_ count: Int, _ range: UInt64) -> [Key] {
          (0..<count).map { _ in (random.next() % keys) >> range }.sorted().map { value in
            attribute += 1
            return Key(
              group: value >> 12, item: value & 0xfff, attribute: attribute, count: 0,
              layout: layout)
          }
        }
        let (a, b) = (sortedArray(first, rangeA), sortedArray(second, rangeB))
        let target = UnsafeMutablePointer<Key>.allocate(capacity: first + second)
        defer { target.deallocate() }
        a.withUnsafeBufferPointer { a in
          b.withUnsafeBufferPointer { b in
            #expect(TwoWayMerge.merge(a, b, to: target, layout) == target + first + second)
          }
        }
        func fields(_ key: Key) -> [UInt64] {
          [key.group(layout), key.item(layout), key.attribute(layout)]
        }
        let expected = (a + b).map(fields).sorted { $0.lexicographicallyPrecedes($1) }
        let merged = (0..<(first + second)).map { fields(target[$0]) }
        #expect(merged == expected)
      }
    }
  }
}
